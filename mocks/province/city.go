package province

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/tongban/tongban/mocks/people"
)

// city is one row of data/cities.json: a city that answers for itself under
// its province's manifest.
type city struct {
	Code         string   `json:"code"`
	Name         string   `json:"name"`
	Province     string   `json:"province"`
	Capabilities []string `json:"capabilities"`
}

// newCity makes a city's server: the province's dialect and keys, people,
// records, faults and history of its own. It serves only once the province
// knows its manifest.
func newCity(province *Province, c city) *Province {
	own := &Province{
		code: c.Code, division: division{Code: c.Code, Name: c.Name, Short: c.Name}, config: province.config, data: province.data,
		issuer: province.issuer, client: province.client, dialect: province.dialect, text: province.text,
		cases: map[string]*Case{}, visitors: map[string]people.Person{}, issued: map[string][]issuedLicence{}, standing: map[string]string{},
		app: province.app, operator: province.operator,
	}
	own.ctx, own.cancel = context.WithCancel(context.Background())
	return own
}

// serveFor serves the capabilities that the province's manifest gives the city.
func (p *Province) serveFor(province *Province, c city) error {
	p.face, p.secret, p.manifest = province.face, province.secret, province.manifest
	mux := http.NewServeMux()
	for _, name := range c.Capabilities {
		capability, ok := p.face.Connector.Capabilities[name]
		if !ok {
			return fmt.Errorf("city %s: its province has no %s", c.Code, name)
		}
		mux.Handle(capability.Method+" /api"+capability.Path, p.recorded(name, p.capability(name)))
	}
	mux.Handle("/", p.recorded("other", func(w http.ResponseWriter, r *http.Request) {
		p.outcome(r, "not_found")
		p.writeFailure(w, r, http.StatusNotFound, "not_found", "没有这个接口(示例)")
	}))
	p.api.serve(mux)
	p.control.serve(p.controlRoutes())
	return nil
}

// children gives the child endpoints of a manifest.
func children(cities []city, running []*Province) (string, error) {
	type endpoint struct {
		Area         string   `json:"area"`
		Name         string   `json:"name"`
		BaseURL      string   `json:"base_url"`
		Capabilities []string `json:"capabilities"`
	}
	list := make([]endpoint, len(cities))
	for i, c := range cities {
		list[i] = endpoint{Area: c.Code, Name: c.Name, BaseURL: running[i].URL() + "/api", Capabilities: c.Capabilities}
	}
	raw, err := json.Marshal(list)
	return string(raw), err
}
