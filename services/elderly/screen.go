package elderly

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/licence"
)

// Act is what a button does.
type Act string

// The acts.
const (
	ToStep Act = "STEP" // ask for the screen of Matter and Said
	ToDo   Act = "DO"   // do what the screen says, with its Version
	ToCall Act = "CALL" // dial Phone
	ToOpen Act = "OPEN" // open URL
	ToHome Act = "HOME" // back to the home screen
)

// Said is one thing the person said, by a button.
type Said struct{ Name, Value string }

// Button is one act of the person.
type Button struct {
	Title string
	// Note is a second line; may be empty.
	Note      string
	ReadAloud string
	Act       Act
	// Matter and Said are what to go on with; of no meaning but with STEP and DO.
	Matter Kind
	Said   []Said
	// Version is the screen that is agreed to; only with DO.
	Version string
	Phone   string // only with CALL
	URL     string // only with OPEN
}

// ScreenKind is what a screen is for.
type ScreenKind string

// The kinds of screen.
const (
	Choose  ScreenKind = "CHOOSE"  // one of its buttons answers its one question
	Confirm ScreenKind = "CONFIRM" // its first button does it
	Tell    ScreenKind = "TELL"    // there is nothing to do
	Receipt ScreenKind = "RECEIPT" // it is done: Case says which
	Show    ScreenKind = "SHOW"    // Code is to be shown
	Pay     ScreenKind = "PAY"     // open its first button at once
)

// Screen is one thing told or asked.
type Screen struct {
	Matter Kind
	Kind   ScreenKind
	// Step is the stable name of what it asks or tells.
	Step  string
	Title string
	Lines []string
	// ReadAloud is the whole screen but its buttons.
	ReadAloud string
	// Buttons are what can be done; the first is the one most people want.
	Buttons []Button
	Plan    []Planned
	// Code is to be shown to a verifier; only with SHOW.
	Code *licence.ShowCode
	// Case is what was handed in; only with RECEIPT.
	Case ids.CaseID
	// Number is what the handling place calls it; empty until that said so.
	Number string
	// AskAgain is after how long the screen may say more; zero where it is final.
	AskAgain time.Duration
}

// AskAgainSeconds gives AskAgain in whole seconds.
func (s Screen) AskAgainSeconds() int { return int(s.AskAgain.Seconds()) }

// Acts gives how many acts of the person there are from the home screen to the
// receipt.
func (s Screen) Acts() int {
	n := 0
	for _, p := range s.Plan {
		if p.State != FoundByData {
			n++
		}
	}
	return n
}

// Display gives the norm, so that a screen can be drawn by itself.
func (Screen) Display() Display { return Norm() }

// version names what a screen says and would do. Who agrees agrees to that.
func version(matter Kind, said []Said, title string, lines []string) string {
	b, err := json.Marshal([]any{matter, said, title, lines})
	if err != nil {
		return "" // of texts alone: can't be
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// finish gives the screen its text to be heard.
func (s Screen) finish() Screen {
	s.ReadAloud = aloudAll(append([]string{s.Title}, s.Lines...)...)
	for i := range s.Buttons {
		b := &s.Buttons[i]
		b.ReadAloud = aloudAll(b.Title, b.Note)
		if b.Matter == "" {
			b.Matter = s.Matter
		}
		if b.Said == nil {
			b.Said = []Said{}
		}
	}
	if s.Buttons == nil {
		s.Buttons = []Button{}
	}
	if s.Lines == nil {
		s.Lines = []string{}
	}
	return s
}

// home is the way back.
func home() Button { return Button{Title: "回到首页", Act: ToHome} }

// askHelp calls the hotline.
func askHelp() Button {
	return Button{Title: "打电话问一问", Note: hotline, Act: ToCall, Phone: hotline}
}

// tell is a screen that only tells.
func tell(matter Kind, step, title string, lines ...string) Screen {
	return Screen{Matter: matter, Kind: Tell, Step: step, Title: title, Lines: lines, Buttons: []Button{home(), askHelp()}}
}
