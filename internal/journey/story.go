package journey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// The scene: a person who works in Shanghai, is insured in Henan and has left
// traces in several provinces, files with Henan for medical care in Shanghai.
const (
	matter   = "medical-filing-elsewhere"
	handling = "410000"
	living   = "310000"
	darkened = handling
)

// patience: the story waits no longer than this for the provinces. Our choice: five times
// what the demo's provinces take.
const patience = 40 * time.Second

// Operations are the ids of the mobile app's trusted documents by name.
type Operations map[string]string

type teller struct {
	out   io.Writer
	ready Ready
	phone *Phone
	tally
}

// tally is what the story counts as it goes; the rest is read from the mocks.
type tally struct {
	materials, fields, found, notices int
}

func (s *teller) say(format string, args ...any)  { fmt.Fprintf(s.out, format+"\n", args...) }
func (s *teller) step(format string, args ...any) { fmt.Fprintf(s.out, "\n■ "+format+"\n", args...) }

// breathe lets a reader read.
func (s *teller) breathe(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

// Tell tells the main loop: each line is a real call and its real answer. It
// pauses for a reader between two scenes, and fails at the first thing that is
// not as promised.
func Tell(ctx context.Context, out io.Writer, ready Ready, operations Operations, pause time.Duration) error {
	if len(ready.People) == 0 {
		return errors.New("story: nobody lives in this demo")
	}
	s := &teller{out: out, ready: ready, phone: NewPhone(ready.Issuer, ready.Fronts["mobile"], operations)}
	began := time.Now()
	for i, scene := range []func(context.Context) error{
		s.signIn, s.home, s.showLicence, s.miniApps, s.oneCard, s.follow, s.ledger, s.darkness, s.signOut, s.count,
	} {
		if i > 0 {
			if err := s.breathe(ctx, pause); err != nil {
				return err
			}
		}
		if err := scene(ctx); err != nil {
			return fmt.Errorf("story: %w", err)
		}
	}
	s.say("\ntold in %.1f s", time.Since(began).Seconds())
	return nil
}

func (s *teller) signIn(ctx context.Context) error {
	who := s.ready.People[0]
	s.step("登录 Sign in, once (一次认证、全网通行)")
	if err := s.phone.SignIn(ctx, who.Name); err != nil {
		return err
	}
	t := s.phone.Tokens
	s.say("  %s chose themselves on the national source's page; %s token for %d s, %d bytes, bound to one front",
		surname(who.Name), t.TokenType, t.ExpiresIn, len(t.AccessToken))
	return s.phone.RegisterDevice(ctx, "demo-phone-of-the-story")
}

func (s *teller) home(ctx context.Context) error {
	s.step("个人专属空间 One space, filled by many provinces")
	began := time.Now()
	h, err := s.phone.Home(ctx)
	if err != nil {
		return err
	}
	took := time.Since(began)
	provinces := map[string]bool{}
	for _, t := range h.HomeTiles {
		provinces[t.Province] = true
		s.say("  %-11s %s：%s", t.Freshness, t.Title, t.Headline)
	}
	if len(provinces) < 4 {
		return fmt.Errorf("the space shows %d provinces only", len(provinces))
	}
	s.found = len(h.HomeLicences.Licences)
	s.say("  %d licences from %d sources, %d cases elsewhere; first answer in %d ms",
		s.found, len(h.HomeLicences.Sources), len(h.HomeCases.Elsewhere.Cases), took.Milliseconds())
	began = time.Now()
	if _, err = s.phone.Home(ctx); err != nil {
		return err
	}
	s.say("  the same again, from what is known: %.1f ms", float64(time.Since(began).Microseconds())/1000)
	return nil
}

func (s *teller) miniApps(ctx context.Context) error {
	s.step("小程序 Provinces' mini-apps: opened, not downloaded; nobody signs in twice")
	for _, p := range s.ready.Mocks.Provinces[:10] {
		view, asked, err := s.phone.OpenMiniApp(ctx, p.App)
		if err != nil {
			return fmt.Errorf("opening %s: %w", p.Name, err)
		}
		if view.Status != 200 || strings.Contains(view.Body, "<form") {
			return fmt.Errorf("%s did not know us: %d", p.Name, view.Status)
		}
		s.say("  %s: asked for %s; then “%s”", p.Name, uses(asked), heading(view.Body))
	}
	first := s.ready.Mocks.Provinces[0]
	_, asked, err := s.phone.OpenMiniApp(ctx, first.App)
	if err != nil {
		return err
	}
	if len(asked.Missing) > 0 {
		return fmt.Errorf("%s asked again for what was agreed", first.Name)
	}
	s.say("  %s once more: nothing is asked again", first.Name)
	return nil
}

func (s *teller) oneCard(ctx context.Context) error {
	s.step("一证通办 A matter in another province, with one card")
	p, err := s.phone.Preflight(ctx, matter, handling)
	if err != nil {
		return err
	}
	for _, m := range p.Materials {
		s.say("  %s：%s %s %s", m.Name, m.State, m.FromName, m.Statement)
	}
	for _, f := range p.Fields {
		if f.Prefilled {
			s.say("  %s：%s (already known)", f.Label, f.DisplayValue)
		}
	}
	s.materials, s.fields = p.Asked, p.Typed
	if !p.Ready {
		return errors.New("materials are still asked for")
	}
	return nil
}

// said is what the person types: what nobody can know but they.
func (s *teller) said() map[string]string {
	return map[string]string{"care_region": living, "start_date": time.Now().AddDate(0, 0, 1).Format(time.DateOnly)}
}

func (s *teller) follow(ctx context.Context) error {
	key := "story-" + random()
	c, err := s.phone.Submit(ctx, matter, handling, key, s.said())
	if err != nil {
		return err
	}
	again, err := s.phone.Submit(ctx, matter, handling, key, s.said())
	if err != nil {
		return err
	}
	if again.ID != c.ID {
		return errors.New("the same key made two cases")
	}
	s.say("  handed in as %s; the line broke and it was sent again: the same case", c.ID)
	s.step("告知 The province decides and we are told")
	seen := ""
	err = Until(ctx, patience, func() (bool, error) {
		now, err := s.phone.Case(ctx, c.ID)
		if err != nil {
			return false, err
		}
		if now.State != seen {
			seen = now.State
			s.say("  %s %s", seen, now.Note)
		}
		return seen == "DONE", nil
	})
	if err != nil {
		return fmt.Errorf("the case stayed %s: %w", seen, err)
	}
	var inbox Inbox
	err = Until(ctx, patience, func() (bool, error) {
		if inbox, err = s.phone.Inbox(ctx); err != nil {
			return false, err
		}
		return inbox.Unread >= 3, nil
	})
	if err != nil {
		return fmt.Errorf("%d notices came: %w", inbox.Unread, err)
	}
	s.notices = inbox.Unread
	for _, e := range inbox.Edges {
		s.say("  收件箱 %s", e.Node.Body)
	}
	return nil
}

func (s *teller) ledger(ctx context.Context) error {
	s.step("谁用了我的数据 Every use of my data by others, in one ledger")
	list, err := s.phone.Ledger(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errors.New("the ledger is empty")
	}
	for _, u := range list[:min(5, len(list))] {
		s.say("  %s: %s — %s (%s)", u.Receiver.Name, u.Purpose, strings.Join(u.Fields, ", "), u.Basis)
	}
	s.say("  … newest %d shown", min(5, len(list)))
	return nil
}

func (s *teller) darkness(ctx context.Context) error {
	dark, ok := s.ready.Province(darkened)
	if !ok {
		return fmt.Errorf("no province %s", darkened)
	}
	// The moves of the case voided what was kept of its province, so it is asked anew.
	s.step("%s goes dark: the rest neither changes nor slows", dark.Name)
	if err := Control(ctx, "POST", dark.Control+"/kill", nil, nil); err != nil {
		return err
	}
	defer func() { _ = Control(context.WithoutCancel(ctx), "POST", dark.Control+"/restart", nil, nil) }()
	h, err := s.phone.Home(ctx)
	if err != nil {
		return err
	}
	well, told := 0, false
	for _, t := range h.HomeTiles {
		if t.Province == darkened {
			told = told || t.Freshness == "STALE" || t.Freshness == "UNAVAILABLE"
			s.say("  %-11s %s %s since %s", t.Freshness, t.Title, t.Reason, clockTime(t.Since))
			continue
		}
		if t.Freshness != "UNAVAILABLE" {
			well++
		}
	}
	if !told {
		return fmt.Errorf("nothing says that %s is dark", dark.Name)
	}
	s.say("  %d other tiles stand as before", well)
	return nil
}

func (s *teller) signOut(ctx context.Context) error {
	s.step("退出 Sign out: at once, everywhere")
	if _, err := s.announced(ctx); err != nil { // a phone that is signed out rings no more
		return err
	}
	if err := s.phone.SignOut(ctx); err != nil {
		return err
	}
	_, err := s.phone.Home(ctx)
	var refused *Refusal
	if !errors.As(err, &refused) {
		return fmt.Errorf("the token still works after signing out (%v)", err)
	}
	s.say("  the token is refused: %s", refused.Code)
	return nil
}

// Until asks done again and again until it says true, at most for so long.
func Until(ctx context.Context, within time.Duration, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func surname(name string) string {
	for _, r := range name {
		return string(r) + "**"
	}
	return ""
}

func uses(c Consent) string {
	if len(c.Missing) == 0 {
		return "nothing"
	}
	var list []string
	for _, u := range c.Missing {
		list = append(list, u.What)
	}
	return strings.Join(list, "、")
}
