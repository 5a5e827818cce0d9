package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/journey"
	"github.com/tongban/tongban/mocks/phone"
	"github.com/tongban/tongban/mocks/stage"
	device "github.com/tongban/tongban/mocks/verifier"
	"github.com/tongban/tongban/mocks/world"
)

// readiness is what runs, where, and for whom.
func readiness(running *app.App, outside *world.World) journey.Ready {
	r := journey.Ready{Issuer: running.Issuer, Fronts: running.Fronts, Pages: map[string]string{"phone": running.Issuer + phone.Path, "desk": running.Issuer + device.Path, "stage": running.Issuer + stage.Path}, Mocks: journey.Mocks{
		IDP: outside.Source.Issuer(), IDPControl: outside.Source.ControlURL(),
		FCM: outside.Push.Endpoint(), FCMControl: outside.Push.ControlURL(), Redis: outside.Redis.Addr(),
	}}
	r.Mocks.Verifiers = officers(outside)
	fronts := slices.DeleteFunc(slices.Sorted(maps.Keys(running.Fronts)), func(front string) bool { return front == "verifier" || front == "miniprogram" })
	for _, p := range outside.People.All() {
		r.People = append(r.People, journey.Someone{Name: p.Name, About: p.About, Fronts: fronts})
	}
	for _, e := range outside.People.Enterprises() {
		firm := journey.Firm{Name: e.Name, About: e.About, Source: world.Legal}
		for _, key := range append([]string{e.LegalRepresentative}, e.Agents...) {
			if p, known := outside.People.ByKey(key); known {
				firm.Agents = append(firm.Agents, p.Name)
			}
		}
		r.Enterprises = append(r.Enterprises, firm)
	}
	for _, p := range outside.Country.Provinces() {
		r.Mocks.Provinces = append(r.Mocks.Provinces, journey.ProvinceAt{
			Code: p.Code(), Name: p.Name(), App: p.AppID(), URL: p.URL(), Control: p.ControlURL(),
		})
	}
	return r
}

// asking is how a script signs in and asks, by the rules that clients are held to.
func asking(r journey.Ready, strict bool) string {
	if strict {
		return fmt.Sprintf(`tongban signin --issuer %s --person %s --key device.json > tokens.json      tokens bound to a key
  tongban call --issuer %s --operation Me --tokens tokens.json --key device.json`, r.Issuer, r.People[0].Name, r.Issuer)
	}
	return fmt.Sprintf(`tongban signin --issuer %s --person %s      a token, by the real flow
  tongban signin --issuer %s --person %s --enterprise %s      the same for an enterprise
  curl %s -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"query":"{homeTiles{title headline freshness asOf}}"}'`,
		r.Issuer, r.People[0].Name, r.Issuer, r.Enterprises[0].Agents[1], r.Enterprises[0].Name, r.Fronts["mobile"])
}

// introduce says it to a newcomer.
func introduce(out io.Writer, r journey.Ready, strict bool) {
	fmt.Fprintf(out, "通办 Tongban runs at %s, with %d provinces, three identity sources, Firebase and Redis as mocks beside it.\n\n", r.Issuer, len(r.Mocks.Provinces))
	for _, name := range slices.Sorted(maps.Keys(r.Fronts)) {
		fmt.Fprintf(out, "  front %-10s %s\n", name, r.Fronts[name])
	}
	fmt.Fprintf(out, "  phone            %s   the app as a page: open it in a browser\n", r.Pages["phone"])
	fmt.Fprintf(out, "  desk             %s   an officer's device that reads the phone's code\n", r.Pages["desk"])
	fmt.Fprintf(out, "  stage            %s   phone in both modes, desk, switches and counts on one page\n", r.Pages["stage"])
	fmt.Fprintf(out, "  health            %s/readyz   metrics %s/metrics\n\nPeople (all fictional):\n", r.Issuer, r.Issuer)
	for _, p := range r.People {
		fmt.Fprintf(out, "  %s  %s\n", p.Name, p.About)
	}
	fmt.Fprintf(out, "\nEnterprises (fictional as well), and who signs in for them:\n")
	for _, e := range r.Enterprises {
		fmt.Fprintf(out, "  %s  %s  %s\n", e.Name, strings.Join(e.Agents, "、"), e.About)
	}
	first := r.Mocks.Provinces[0]
	for _, p := range r.Mocks.Provinces {
		if p.Code == "320000" {
			first = p
		}
	}
	fmt.Fprintf(out, `
Go on:
  %s
  curl -X POST %s/kill      %s goes dark; /restart brings it back
  tongban demo --story      the whole main loop, told in a minute
Ctrl-C ends it.
`, asking(r, strict), first.Control, first.Name)
}
