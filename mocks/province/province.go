package province

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/mocks/people"
)

// Province is one running province.
type Province struct {
	code     string
	division division
	config   Config
	data     *dataset
	issuer   *atomic.Value
	client   *http.Client
	dialect  *dialect
	text     []byte // the manifest before its places are filled

	app, operator signer
	secret        string
	face          face
	manifest      []byte

	api, control *listener
	ctx          context.Context // ends when the province does
	cancel       context.CancelFunc
	work         sync.WaitGroup // what runs beside requests

	history  history
	faults   faults
	keys     keyCache
	sessions sessions
	inbox    inbox
	lists    statusLists

	mu       sync.Mutex
	cases    map[string]*Case
	visitors map[string]people.Person // who submitted here without being known here
	issued   map[string][]issuedLicence
	serial   int
	standing map[string]string // a licence's status, by its number, where control set one
}

type issuedLicence struct {
	holding holding
	serial  string
}

func newProvince(c Config, data *dataset, d division, country *Country) (*Province, error) {
	text, dialectText, err := d.sources()
	if err != nil {
		return nil, err
	}
	p := &Province{
		code: d.Code, division: d, config: c, data: data, issuer: country.issuer, client: country.client(), text: text,
		cases: map[string]*Case{}, visitors: map[string]people.Person{}, issued: map[string][]issuedLicence{},
		standing: map[string]string{},
		dialect:  &dialect{},
	}
	if err := json.Unmarshal(dialectText, p.dialect); err != nil {
		return nil, fmt.Errorf("province %s: dialect: %w", d.Code, err)
	}
	if p.app, err = newSigner(c.Seed, "p"+d.tag()+"-app-1"); err != nil {
		return nil, err
	}
	if p.operator, err = newSigner(c.Seed, "p"+d.tag()+"-operator-1"); err != nil {
		return nil, err
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// listen opens both ports; nothing is served before open.
func (p *Province) listen(place int) error {
	port := 0
	if p.config.FirstPort > 0 {
		port = p.config.FirstPort + 2*place
	}
	var err error
	if p.api, err = newListener(port); err != nil {
		p.cancel()
		return err
	}
	if port > 0 {
		port++
	}
	if p.control, err = newListener(port); err != nil {
		p.cancel()
		_ = p.api.close(time.Second) // the first failure is the one to tell
		return err
	}
	return nil
}

// open fills the manifest with the addresses that are known now, and serves.
func (p *Province) open(cities []city, running []*Province) error {
	list, err := children(cities, running)
	if err != nil {
		return err
	}
	p.manifest, p.face, err = p.division.fill(p.text,
		fillings{base: p.URL(), children: list, regions: p.data.regions(), version: p.config.Version}, p.app, p.operator)
	if err != nil {
		return err
	}
	p.secret = secret(p.config.Seed, p.face.AppID)
	handler, err := p.routes()
	if err != nil {
		return err
	}
	p.api.serve(handler)
	p.control.serve(p.controlRoutes())
	return nil
}

// Code is the area code.
func (p *Province) Code() string { return p.code }

// Name is the division's name.
func (p *Province) Name() string { return p.division.Name }

// AppID is the app_id of its mini-app.
func (p *Province) AppID() string { return p.face.AppID }

// CreditCode is the operator's unified social credit code, under which its key
// is registered with the product.
func (p *Province) CreditCode() string { return p.face.Operator.CreditCode }

// URL is the address of the API listener, without a slash at the end.
func (p *Province) URL() string { return "http://" + p.api.address }

// ControlURL is the address of the control listener.
func (p *Province) ControlURL() string { return "http://" + p.control.address }

// Manifest gives the signed manifest.
func (p *Province) Manifest() []byte { return append([]byte(nil), p.manifest...) }

// JWKS gives the operator's public key set, with which the manifest is checked.
func (p *Province) JWKS() []byte { return p.operator.jwks() }

// Kill closes the API listener and breaks its connections, as a crash does.
// The control listener and all state stay.
func (p *Province) Kill() error { return p.api.kill() }

// Restart brings a killed API listener back on the same port.
func (p *Province) Restart() error { return p.api.restart() }

// stop tells everything that runs to end.
func (p *Province) stop() { p.cancel() }

// end closes the listeners and waits for what was running.
func (p *Province) end() error {
	const grace = 3 * time.Second
	err := p.api.close(grace)
	if also := p.control.close(grace); err == nil {
		err = also
	}
	p.work.Wait()
	return err
}

// spawn runs f beside the requests; it must end soon after p.ctx does.
func (p *Province) spawn(f func()) {
	if p.ctx.Err() == nil {
		p.work.Go(f)
	}
}

func (p *Province) now() time.Time { return p.config.Now() }

// issuerURL is the product's address, "" when not known yet.
func (p *Province) issuerURL() string {
	issuer, _ := p.issuer.Load().(string)
	return issuer
}

// find gives the person known here by the name this dialect uses.
func (p *Province) find(id string) (people.Person, bool) {
	for _, who := range append(p.known(), p.enterprises()...) {
		if p.ownerOf(who) == id {
			return who, true
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	who, ok := p.visitors[id]
	return who, ok
}

// ownerOf is how an answer says whose record it is.
func (p *Province) ownerOf(who people.Person) string {
	if p.dialect.Owner == "cert_key" {
		return who.CertKey()
	}
	return who.IDNumber
}

// somebodyElse gives another person than who, for the fault of that name.
func (p *Province) somebodyElse(who people.Person) people.Person {
	for _, other := range append(p.known(), p.config.People.All()...) {
		if other.IDNumber != who.IDNumber {
			return other
		}
	}
	return people.Person{Name: "另一人", IDNumber: "000000000000000000"}
}

// pathOf gives the path of a base URL, "" when it is none.
func pathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Path
}
