package elderly

// Display says how large and how far apart things are drawn at least. Lengths
// are in dp. Source: 移动互联网应用适老化通用设计规范, but for CodeVoiceSeconds,
// which stands in the rule for web sites (unconfirmed).
type Display struct {
	TextDP           int     // main text
	LargestTextDP    int     // what the largest setting must reach
	LineSpacing      float64 // line height by text size
	ParagraphSpacing float64 // gap between paragraphs by gap between lines
	Contrast         float64 // text to ground, to 1
	LargeContrast    float64 // the same above TextDP
	TouchDP          int     // each side of a main component
	SmallTouchDP     int     // each side of any other, and of what closes a pop-up
	FingersMost      int     // no gesture takes more
	CodeVoiceSeconds int     // a code that lives no longer is spoken of, and renewed
}

// Norm is what the norm asks of every screen.
func Norm() Display {
	return Display{
		TextDP: 18, LargestTextDP: 30, LineSpacing: 1.3, ParagraphSpacing: 1.3, Contrast: 4.5, LargeContrast: 3,
		TouchDP: 60, SmallTouchDP: 44, FingersMost: 2, CodeVoiceSeconds: 180,
	}
}
