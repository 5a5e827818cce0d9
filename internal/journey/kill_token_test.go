package journey_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/mobile"
	"github.com/tongban/tongban/internal/journey"
)

// redeeming is one phone whose person is back from the source, with a code.
type redeeming struct {
	phone *journey.Phone
	begun journey.Begun
	err   error // of the redemption; a Refusal, or nobody answered
}

// A product that is killed while codes are redeemed has given each of them whole
// or not at all: what was answered works, what was not answered can be asked
// again, or is over, sign-in and all.
func TestAKilledProductHasGivenNoSignInByHalf(t *testing.T) {
	engines(t, func(t *testing.T, url string) {
		moments := rand.New(rand.NewPCG(killSeed(t), 1))
		sv := serve(t, serving{database: url, areas: []string{"310000"}})
		onlooker := sv.phone(roamer)
		holders, again, over := 1, 0, 0
		for range killRounds(t) {
			list := sv.redeeming(t, atOnce)
			var wg sync.WaitGroup
			for _, r := range list {
				wg.Go(func() { r.err = r.phone.Redeem(t.Context(), r.begun) })
			}
			<-time.After(time.Duration(moments.IntN(40_000)) * time.Microsecond)
			sv.kill()
			wg.Wait()
			sv.again()
			for _, r := range list {
				var no *journey.Refusal
				if errors.As(r.err, &no) {
					t.Fatalf("refused before the kill: %v", r.err)
				}
				if r.err != nil { // nobody answered
					if r.err = r.phone.Redeem(t.Context(), r.begun); r.err == nil {
						again++
					}
				}
				switch {
				case r.err == nil:
					if _, _, err := r.phone.Me(t.Context()); err != nil {
						t.Errorf("tokens that were given are worth nothing: %v", err)
					}
					holders++
				case errors.As(r.err, &no) && no.Code == "invalid_grant":
					over++
				default:
					t.Errorf("neither given nor refused: %v", r.err)
				}
			}
			if err := onlooker.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, living, err := onlooker.Me(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(living) != holders {
				t.Fatalf("%d sign-ins live, %d phones hold tokens", len(living), holders)
			}
		}
		t.Logf("%d hold tokens, %d of them asked again after the kill; %d were over", holders, again, over)
		if holders == 1 {
			t.Error("no sign-in was ever whole: the test shows nothing")
		}
	})
}

// redeeming gives phones of the roamer's, each with a code.
func (s *server) redeeming(t *testing.T, n int) []*redeeming {
	t.Helper()
	operations, err := mobile.Operations()
	if err != nil {
		t.Fatal(err)
	}
	var list []*redeeming
	for range n {
		r := &redeeming{phone: journey.NewPhone(s.issuer, s.issuer+mobile.Path, operations)}
		if r.begun, err = r.phone.Begin(t.Context(), "", roamer); err != nil {
			t.Fatalf("sign-in: %v\n%s", err, s.out)
		}
		list = append(list, r)
	}
	return list
}
