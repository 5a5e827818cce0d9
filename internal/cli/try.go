package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/province/provincehttp"
)

// manifestTry reads an answer of the team's own system as the platform would.
type manifestTry struct {
	Manifest    string            `arg:"" type:"existingfile" help:"The manifest; signed or not."`
	Capability  string            `arg:"" help:"Which of its capabilities, such as licence.list."`
	Answer      string            `type:"existingfile" help:"A file with the whole body of an answer; without one only the question is shown."`
	ContentType string            `default:"" help:"The answer's Content-Type."`
	Status      int               `default:"200" help:"The answer's HTTP status."`
	Name        string            `default:"张示例" help:"The person asked about."`
	IDNumber    string            `default:"410000199001010014" help:"Their ID number."`
	CertKey     string            `default:"示例" help:"Their certificate key."`
	Input       map[string]string `help:"What the request finds in input, as name=value."`
}

// Run shows what would be asked, and what would be understood.
func (c *manifestTry) Run(s streams) error {
	raw, err := os.ReadFile(c.Manifest)
	if err != nil {
		return err
	}
	apps, mapper, err := drafts("", true)
	if err != nil {
		return err
	}
	m, err := apps.Inspect(raw)
	if err != nil {
		return tell(c.Manifest, err)
	}
	input := map[string]any{}
	for name, v := range c.Input {
		input[name] = v
	}
	ask := province.Ask{App: m.AppID, Capability: c.Capability, Input: input,
		Person: province.Person{Subject: ids.SubjectID("rehearsal"), Name: c.Name, IDNumber: c.IDNumber, CertKey: c.CertKey}}
	asked := false
	r := province.Rehearse(mapper, miniapp.App{ID: m.AppID, Manifest: m, Digest: "draft"}, ask, func(call province.Call) (province.Reply, error) {
		asked = true
		return c.reply(s, call)
	})
	if c.Answer == "" && asked {
		return nil
	}
	if r.Value == nil {
		return fmt.Errorf("%s: %s", c.Capability, r.Reason)
	}
	shown, err := json.MarshalIndent(r.Value, "", " ")
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "understood: %s\n", shown)
	for _, miss := range r.Missing {
		fmt.Fprintf(s.out, "not told:   %s (%s) %s\n", miss.What, miss.Reason, miss.Words)
	}
	return nil
}

func (c *manifestTry) reply(s streams, call province.Call) (province.Reply, error) {
	question, media, err := provincehttp.Encode(call.App.Manifest.Connector.Wire, call.Body)
	if err != nil {
		return province.Reply{}, err
	}
	fmt.Fprintf(s.out, "asked:      %s %s\n", call.Capability.Method, call.Capability.Path)
	if len(call.Body) > 0 {
		fmt.Fprintf(s.out, "            %s\n            %s\n", media, question)
	}
	if c.Answer == "" {
		return province.Reply{}, nil
	}
	body, err := os.ReadFile(c.Answer)
	if err != nil {
		return province.Reply{}, err
	}
	answer, err := provincehttp.Decode(c.ContentType, call.App.Manifest.Connector.Wire, body)
	if err != nil && c.Status/100 == 2 {
		return province.Reply{}, provincehttp.Unreadable(err)
	}
	return province.Reply{Status: c.Status, Answer: answer, Size: len(body)}, nil
}
