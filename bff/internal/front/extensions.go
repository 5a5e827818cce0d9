package front

import (
	"bytes"
	"encoding/json"

	"github.com/tongban/tongban/internal/waterfall"
)

// extensions are what an answer says beside its data: in the dev profile, to
// who sets extensions.waterfall in the request, where the time went.
type extensions struct {
	Waterfall struct {
		TookMS float64 `json:"tookMs"`
		// Sources are the questions to sources; none where the answer was kept.
		Sources []waterfall.Told `json:"sources"`
	} `json:"waterfall"`
}

func extensionsOf(n *waterfall.Notes) *extensions {
	e := &extensions{}
	e.Waterfall.Sources, e.Waterfall.TookMS = n.Told()
	return e
}

// write adds e to an answer that has a member already.
func (e *extensions) write(b *bytes.Buffer) {
	if e == nil {
		return
	}
	if raw, err := json.Marshal(e); err == nil {
		b.WriteString(`,"extensions":`)
		b.Write(raw)
	}
}
