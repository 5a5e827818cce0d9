package journey

import (
	"context"
	"fmt"
)

// EasyButton is one act on an easy screen.
type EasyButton struct {
	Title, Note, ReadAloud, Act, Matter, Version, Phone, URL string
	Said                                                     []Said
}

// Said is one answer, as a button carries it.
type Said struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// EasyEntry is one thing of the easy home screen.
type EasyEntry struct {
	Kind, Title, Status, FreshnessWords, ReadAloud string
	Freshness                                      *string
	Tap                                            EasyButton
}

// EasyHome is the home screen of the mode for older persons.
type EasyHome struct {
	Greeting, ReadAloud string
	Entries             []EasyEntry
}

// EasyPlanned is one thing of a screen's plan.
type EasyPlanned struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	State string `json:"state"`
}

// EasyScreen is one thing told or asked.
type EasyScreen struct {
	Matter, Kind, Step, Title, ReadAloud, Case, Number string
	Lines                                              []string
	Buttons                                            []EasyButton
	Plan                                               []EasyPlanned
	Acts, AskAgainSeconds                              int
	Code                                               *struct {
		URL                 string
		RefreshAfterSeconds int
	}
}

// EasyHome opens the home screen of the mode for older persons.
func (p *Phone) EasyHome(ctx context.Context) (EasyHome, error) {
	var out struct{ EasyHome EasyHome }
	err := p.Ask(ctx, "EasyHome", nil, &out)
	return out.EasyHome, err
}

// Press does what a button says, where that stays in the app. key is for what
// is done once.
func (p *Phone) Press(ctx context.Context, b EasyButton, key string) (EasyScreen, error) {
	said := b.Said
	if said == nil {
		said = []Said{}
	}
	switch b.Act {
	case "STEP":
		var out struct{ EasyStep EasyScreen }
		err := p.Ask(ctx, "EasyStep", map[string]any{"matter": b.Matter, "said": said}, &out)
		return out.EasyStep, err
	case "DO":
		var out struct{ EasyDo struct{ Screen EasyScreen } }
		err := p.Ask(ctx, "EasyDo", map[string]any{"input": map[string]any{
			"matter": b.Matter, "said": said, "version": b.Version, "idempotencyKey": key}}, &out)
		return out.EasyDo.Screen, err
	}
	return EasyScreen{}, fmt.Errorf("a button of %s leaves the app", b.Act)
}
