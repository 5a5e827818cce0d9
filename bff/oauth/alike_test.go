package oauth_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/accesstest"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/identity/realname"
)

// crowd is how many ID numbers are tried, every other one of them known.
const crowd = 200

// citizen gives the n-th of many ID numbers of nobody, with a right check character.
func citizen(n int) string {
	digits := "110105" + time.Date(1930, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n/900).Format("20060102") + fmt.Sprintf("%03d", 100+n%900)
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(digits[i]-'0') * weight
	}
	return digits + "10X98765432"[sum%11:][:1]
}

// entrance takes an ID number from outside, in one of the ways there are, and
// gives what comes back.
type entrance struct {
	name string
	try  func(t testing.TB, w *world, number string) answer
	once bool // a second try would meet somebody who has signed in meanwhile
	// as is who the product knows of a number; nil for its person.
	as func(number string) identity.Evidence
}

// callback signs somebody in at the source, which says the number at the level.
func callback(level int) func(testing.TB, *world, string) answer {
	return saying(func(number string) identity.Evidence {
		e := personOf(number)
		e.Level = level
		return e
	})
}

// personOf is the person of a number, as the source says it.
func personOf(number string) identity.Evidence {
	e := identitytest.Evidence()
	e.ExternalSub, e.IDNumber = "n-"+number, number
	return e
}

// agentOf is the person of a number who acts for an enterprise, as its source says.
func agentOf(number string) identity.Evidence {
	e := identitytest.ForEnterprise()
	e.ExternalSub, e.IDNumber = "l-"+number, number
	return e
}

// firmOf is one agent for the enterprise of a number.
func firmOf(number string) identity.Evidence {
	e := identitytest.ForEnterprise()
	e.For.CreditCode = firm(number)
	return e
}

// firm gives the credit code of nobody that stands for a number, with a right
// check character (GB 32100).
func firm(number string) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	code, sum, weight := "91110105"+number[8:17], 0, 1
	for i := range len(code) {
		sum, weight = sum+strings.IndexByte(alphabet, code[i])*weight, weight*3%len(alphabet)
	}
	return code + string(alphabet[(len(alphabet)-sum%len(alphabet))%len(alphabet)])
}

// saying signs somebody in at the source, which says what says gives of the number.
func saying(says func(number string) identity.Evidence) func(testing.TB, *world, string) answer {
	return func(_ testing.TB, w *world, number string) answer {
		w.source.Says = says(number)
		begun := w.get("/oauth2/authorize", signInRequest())
		cookie, _, _ := strings.Cut(begun.header.Get("Set-Cookie"), ";")
		return w.get("/oauth2/callback/national", url.Values{"state": {w.source.State()}, "code": {"good"}}, "Cookie", cookie)
	}
}

func entrances() []entrance {
	post := func(path string, form func(t testing.TB, w *world, number string) url.Values) func(testing.TB, *world, string) answer {
		return func(t testing.TB, w *world, number string) answer { return w.post(path, form(t, w, number)) }
	}
	return []entrance{
		{name: "sign-in, stated", try: callback(identity.LevelStated), once: true},
		{name: "sign-in, checked", try: callback(identity.LevelChecked), once: true},
		{name: "sign-in, an enterprise's agent", try: saying(agentOf), once: true},
		{name: "sign-in, an enterprise", try: saying(firmOf), once: true, as: firmOf},
		{name: "authorize, login_hint", try: func(_ testing.TB, w *world, number string) answer {
			return w.get("/oauth2/authorize", with(signInRequest(), "login_hint", number))
		}},
		{name: "PAR, login_hint", try: post("/oauth2/par", func(t testing.TB, w *world, number string) url.Values {
			return w.as(t, henan, pushRequest(henan, number))
		})},
		{name: "token, code", try: post("/oauth2/token", func(_ testing.TB, _ *world, number string) url.Values { return mobileRedeem(number) })},
		{name: "token, refresh", try: post("/oauth2/token", func(_ testing.TB, _ *world, number string) url.Values {
			return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {number}, "client_id": {"tongban-mobile"}}
		})},
		{name: "token of the one signed in", once: true, try: func(t testing.TB, w *world, number string) answer {
			back := callback(identity.LevelChecked)(t, w, number)
			return w.post("/oauth2/token", mobileRedeem(back.to(t).Get("code")))
		}},
		{name: "userinfo", try: func(_ testing.TB, w *world, number string) answer {
			return w.get("/oauth2/userinfo", nil, "Authorization", "Bearer "+number)
		}},
		{name: "introspect", try: post("/oauth2/introspect", func(t testing.TB, w *world, number string) url.Values {
			return w.as(t, henan, url.Values{"token": {number}})
		})},
		{name: "introspect by a token", try: func(_ testing.TB, w *world, number string) answer {
			return w.introspectsWith("Bearer "+number, "", url.Values{"token": {number}})
		}},
		{name: "token, exchange", try: post("/oauth2/token", func(t testing.TB, w *world, number string) url.Values {
			return w.as(t, henan, exchangeForm(number))
		})},
		{name: "token, exchange of a mandate", try: post("/oauth2/token", func(_ testing.TB, _ *world, number string) url.Values {
			return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {"tongban-mobile"}, "subject_token": {number},
				"subject_token_type": {access.MandateTokenType}, "actor_token": {number}, "actor_token_type": {accessToken}}
		})},
		{name: "revoke", try: post("/oauth2/revoke", func(t testing.TB, w *world, number string) url.Values {
			return w.as(t, henan, url.Values{"token": {number}})
		})},
	}
}

// known has the product know whom the entrance asks for by half the numbers:
// every other one.
func (w *world) known(t testing.TB, by entrance, from int) {
	t.Helper()
	as := by.as
	if as == nil {
		as = personOf
	}
	for n := from; n < from+crowd; n += 2 {
		e := as(citizen(n))
		e.Source, e.ExternalSub = "elsewhere", "e-"+strconv.Itoa(n)
		if _, err := w.identity.SignedIn(t.Context(), e, identitytest.Phone); err != nil {
			t.Fatal(err)
		}
	}
}

// secrets are ids and secrets of one kind, each of one length.
var secrets = regexp.MustCompile(`[A-Za-z0-9_-]{22,}(\.[A-Za-z0-9_-]{22,})*`)

// alike gives an answer with every secret replaced by its length.
func alike(a answer) string {
	var b strings.Builder
	fmt.Fprintln(&b, a.status)
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		fmt.Fprintln(&b, name, a.header[name])
	}
	return secrets.ReplaceAllStringFunc(b.String()+a.raw, func(s string) string { return "<" + strconv.Itoa(len(s)) + ">" })
}

// Whoever tries ID numbers at any entrance learns of none whether its person is
// known here.
func TestNoEntranceTellsWhetherAPersonIsKnown(t *testing.T) {
	if _, err := realname.ParseIDNumber(citizen(1234), accesstest.Start); err != nil {
		t.Fatal("the numbers are no ID numbers: nothing would be shown")
	}
	if _, err := realname.ParseCreditCode(firm(citizen(1234))); err != nil || firm(citizen(1)) == firm(citizen(2)) {
		t.Fatal("the codes are no credit codes: nothing would be shown")
	}
	for i, e := range entrances() {
		t.Run(e.name, func(t *testing.T) {
			w, from := open(t), i*crowd
			w.known(t, e, from)
			seen := map[string]int{}
			for n := from; n < from+crowd; n++ {
				seen[alike(e.try(t, w, citizen(n)))]++
			}
			if len(seen) != 1 {
				t.Errorf("%d different answers: %v", len(seen), seen)
			}
			for answer := range seen {
				if strings.HasPrefix(answer, strconv.Itoa(http.StatusInternalServerError)) || strings.HasPrefix(answer, strconv.Itoa(http.StatusTooManyRequests)) {
					t.Errorf("the entrance was not reached: %s", answer)
				}
			}
		})
	}
}

// TestKnownAndUnknownPersonsTakeAsLong measures: medians of the known and the
// unknown half lie within a tenth of each other, three times in a row.
func TestKnownAndUnknownPersonsTakeAsLong(t *testing.T) {
	if os.Getenv("TONGBAN_TEST_TIMED") != "1" {
		t.Skip("timed: set TONGBAN_TEST_TIMED=1, or make alike")
	}
	from := 0
	for _, e := range entrances() {
		w := open(t)
		for run := range 3 {
			known, unknown := measure(t, w, e, from)
			from += crowd
			apart := math.Abs(float64(known)/float64(unknown) - 1)
			t.Logf("%-28s run %d: known %8s, unknown %8s, %4.1f %% apart", e.name, run+1, known.Round(100), unknown.Round(100), 100*apart)
			if apart > 0.10 {
				t.Errorf("%s: more than a tenth apart", e.name)
			}
		}
	}
}

// measure tries a crowd at an entrance, and gives the medians of its halves. What
// a number takes is the least of ten tries, where trying again changes nothing:
// what else the machine does only adds to it, what the product does stays.
func measure(t *testing.T, w *world, e entrance, from int) (known, unknown time.Duration) {
	t.Helper()
	w.known(t, e, from)
	tries := 10
	if e.once {
		tries = 1
	}
	took := [2][]time.Duration{slices.Repeat([]time.Duration{time.Hour}, crowd/2), slices.Repeat([]time.Duration{time.Hour}, crowd/2)}
	for range tries {
		for pair := range crowd / 2 { // side by side, whichever first
			first := rand.IntN(2)
			for _, half := range []int{first, 1 - first} {
				number := citizen(from + 2*pair + half)
				began := time.Now()
				e.try(t, w, number)
				took[half][pair] = min(took[half][pair], time.Since(began))
			}
		}
	}
	return median(took[0]), median(took[1])
}

func median(of []time.Duration) time.Duration {
	slices.Sort(of)
	return of[len(of)/2]
}
