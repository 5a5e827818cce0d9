// Command house draws the house as the code has it, rooms and imports read
// anew: `go run ./internal/archtest/house > docs/images/house.svg`.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/archtest"
)

func main() {
	picture, err := Draw(".")
	if err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(1)
	}
	fmt.Print(picture)
}

// The picture's measures, in SVG user units.
const (
	width  = 1180
	margin = 20
	boxH   = 44
	gap    = 8
)

// who stands outside each front.
var callers = map[string]string{
	"mobile": "the app", "elderly": "older persons' app", "miniprogram": "mini-apps", "verifier": "verifiers",
	"counter": "clerks", "console": "operators", "oauth": "OAuth clients", "hooks": "provinces' events", "open": "anybody",
	"files": "the app: files",
}

// Draw gives the picture of the repository at root as SVG. It fails when a
// folder can't be read.
func Draw(root string) (string, error) {
	fronts, err := archtest.Rooms(root, "bff")
	if err != nil {
		return "", err
	}
	rooms, err := archtest.Rooms(root, "services")
	if err != nil {
		return "", err
	}
	plumbing, err := archtest.Rooms(root, "internal")
	if err != nil {
		return "", err
	}
	fronts = slices.DeleteFunc(fronts, func(r archtest.Room) bool { return r.Name == "internal" })
	order := archtest.Order()
	slices.SortFunc(rooms, func(a, b archtest.Room) int {
		return slices.Index(order, a.Name) - slices.Index(order, b.Name)
	})
	var out strings.Builder
	out.WriteString(head)
	drawFronts(&out, fronts)
	drawRooms(&out, rooms)
	drawPlumbing(&out, plumbing)
	out.WriteString("</svg>\n")
	return out.String(), nil
}

const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1180 760" font-family="system-ui, 'Noto Sans', sans-serif" font-size="13">
<title>The house: fronts above one graph, services in one order, plumbing below; arrows run down and to the right only</title>
<style>.b{stroke:#23527c;stroke-width:1.2;rx:6}.f{fill:#dbeafe}.g{fill:#c7d2fe}.s{fill:#fef3c7}.p{fill:#dcfce7}.i{fill:#f1f5f9;stroke:#94a3b8}.o{fill:none;stroke:#94a3b8;stroke-dasharray:5 4}
.a{fill:none;stroke:#23527c;stroke-width:1;opacity:.45}.d{fill:none;stroke:#23527c;stroke-width:1.4;marker-end:url(#t)}text{fill:#0f172a}.m{text-anchor:middle}.n{fill:#475569;font-size:12px}</style>
<defs><marker id="t" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#23527c"/></marker></defs>
<rect width="1180" height="760" fill="#ffffff"/>
`

func box(out *strings.Builder, class string, x, y, w, h float64, words string) {
	fmt.Fprintf(out, `<rect class="b %s" x="%.0f" y="%.0f" width="%.0f" height="%.0f"/><text class="m" x="%.0f" y="%.0f">%s</text>`+"\n",
		class, x, y, w, h, x+w/2, y+h/2+5, words)
}

func note(out *strings.Builder, x, y float64, words string) {
	fmt.Fprintf(out, `<text class="n" x="%.0f" y="%.0f">%s</text>`+"\n", x, y, words)
}

func arrow(out *strings.Builder, x, y1, y2 float64) {
	fmt.Fprintf(out, `<path class="d" d="M%.0f %.0fV%.0f"/>`+"\n", x, y1, y2)
}

// across gives the left edge and width of the i-th of n boxes on a row.
func across(i, n int) (x, w float64) {
	w = (width - 2*margin - gap*float64(n-1)) / float64(n)
	return margin + float64(i)*(w+gap), w
}

// drawFronts draws the row of fronts, those on the graph to the left, and what
// they stand on.
func drawFronts(out *strings.Builder, fronts []archtest.Room) {
	graphFirst := func(r archtest.Room) int {
		if r.Graph {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(fronts, func(a, b archtest.Room) int { return graphFirst(a) - graphFirst(b) })
	doors := float64(width - margin)
	for i, f := range fronts {
		x, w := across(i, len(fronts))
		if !f.Graph {
			doors = min(doors, x)
		}
		fmt.Fprintf(out, `<text class="m n" x="%.0f" y="24">%s</text>`+"\n", x+w/2, callers[f.Name])
		arrow(out, x+w/2, 30, 52)
		box(out, "f", x, 54, w, boxH, "bff/"+f.Name)
		arrow(out, x+w/2, 98, 142)
	}
	graph := doors - gap - margin
	box(out, "g", margin, 144, graph, boxH, "graph: one schema, each front serves its own part of it")
	box(out, "o", doors, 144, width-margin-doors, boxH, "doors without GraphQL")
	box(out, "p", margin, 226, graph, boxH, "push: how a person is told, over several channels")
	arrow(out, margin+graph/2, 188, 224)
	arrow(out, margin+graph/2, 270, 314)
	arrow(out, (doors+width-margin)/2, 188, 314)
}

const floor = 316 // the services' row

func drawRooms(out *strings.Builder, rooms []archtest.Room) {
	at := map[string]float64{}
	for i, r := range rooms {
		x, w := across(i, len(rooms))
		at[r.Name] = x + w/2
		box(out, "s", x, floor, w, boxH, r.Name)
	}
	for _, r := range rooms {
		for _, to := range r.Imports {
			from, end := at[r.Name], at[to]
			depth := floor + boxH + (end-from)*0.33
			fmt.Fprintf(out, `<path class="a" d="M%.0f %dC%.0f %.0f %.0f %.0f %.0f %d"/>`+"\n", from, floor+boxH, from, depth, end, depth, end, floor+boxH)
		}
	}
	note(out, margin, 628, "services: a room imports only rooms to its right (the arcs are the imports as they are); what must flow the other way is an event in the outbox")
}

func drawPlumbing(out *strings.Builder, plumbing []archtest.Room) {
	var names []string
	for _, p := range plumbing {
		if p.Name == "archtest" || p.Name == "journey" { // tests, no plumbing
			continue
		}
		names = append(names, p.Name)
	}
	box(out, "i", margin, 642, width-2*margin, boxH, "internal: "+strings.Join(names, " · "))
	box(out, "o", margin, 700, width-2*margin, boxH, "outside, over HTTP alone: provinces, identity sources, payment, push services, phones (mocks/ are such servers, and share no code with the product)")
}
