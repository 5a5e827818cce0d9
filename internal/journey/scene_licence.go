package journey

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/mocks/verifier"
)

// showLicence is the scene at a counter: a licence of one province shown to a
// verifier of another place. The verifier's device is what the demo's ready
// file says it is; a demo without one leaves the scene out.
func (s *teller) showLicence(ctx context.Context) error {
	if len(s.ready.Mocks.Verifiers) == 0 {
		return nil
	}
	v := s.ready.Mocks.Verifiers[0]
	s.step("扫码亮证 A licence shown, and believed: %s scans", v.Name)
	officer, err := verifier.NewOfficer(v.Officer, v.Key)
	if err != nil {
		return err
	}
	desk, err := NewDesk(ctx, s.ready.Issuer, s.ready.Fronts["verifier"], v.Operations, officer, time.Now)
	if err != nil {
		return err
	}
	h, err := s.phone.Home(ctx)
	if err != nil {
		return err
	}
	for _, l := range h.HomeLicences.Licences {
		if l.TypeName != "居住证" || l.Status != "VALID" {
			continue
		}
		code, err := s.phone.Show(ctx, l.ID, "TYPE", "EXPIRES_ON")
		if err != nil {
			return err
		}
		got, err := desk.Check(ctx, code.URL, "resident-rate")
		if err != nil {
			return err
		}
		if got.Outcome != "VALID" {
			return fmt.Errorf("the check says %s", got.Outcome)
		}
		s.say("  %s：%s, asked of its issuer now; told %s", got.Value("TYPE"), got.Outcome, got.Value("EXPIRES_ON"))
		if _, err := desk.Check(ctx, code.URL, "resident-rate"); err == nil {
			return fmt.Errorf("the code worked twice")
		}
		s.say("  the same code once more: refused")
		return nil
	}
	return fmt.Errorf("nobody holds a 居住证 that is in force")
}
