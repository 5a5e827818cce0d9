package journey_test

import "testing"

// What refuses for want of proof says what to sign in with, and that opens it:
// the phone needs to know no level of its own.
//
// demand: D28
func TestARefusalSaysWhatOpensItself(t *testing.T) {
	t.Parallel()
	st := start(t, setting{areas: []string{henan}})
	must(t, st.world.Source.SetLevel(roamer, 3))
	p, other := st.phone(roamer), st.phone(roamer)
	offered, code, err := p.Offer(t.Context(), "FAMILY", st.clock.Now().AddDate(0, 1, 0), "space")
	must(t, err)
	_, err = st.phone(spouse).Accept(t.Context(), code)
	must(t, err)

	_, err = p.Confirm(t.Context(), offered.ID)
	r := refused(t, err, "LEVEL_TOO_LOW")
	acr, _ := r.Detail["acrValues"].(string)
	if acr != "urn:tongban:level:4" {
		t.Fatalf("the refusal says to sign in with %q: %v", acr, r.Detail)
	}
	before := p.Tokens
	must(t, p.StepUp(t.Context(), roamer, acr))
	if n := st.world.Source.Counts().FacePages; n != 1 {
		t.Errorf("%d face checks", n)
	}
	stands, err := p.Confirm(t.Context(), offered.ID)
	must(t, err)
	if stands.ID != offered.ID || stands.State != "STANDING" {
		t.Errorf("confirmed: %s", stands.State)
	}
	// The new sign-in took the place of this phone's own, and of no other's.
	p.Tokens = before
	_, err = p.Home(t.Context())
	refused(t, err, "SESSION_ENDED")
	st.home(other)
	_, err = other.Confirm(t.Context(), offered.ID)
	refused(t, err, "LEVEL_TOO_LOW")
}
