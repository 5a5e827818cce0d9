package journey_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// faces are what is seen in the three provinces' own mini-apps and nowhere else.
var faces = []struct {
	code, name, zone string
	words            []string
}{
	{henan, "豫事办", "异地就医备案", []string{"老家河南·专区", "我在河南办的事", "机动车驾驶证"}},
	{guangdong, "粤省事", "无犯罪记录证明", []string{"粤省事·服务", "我的广东办件", "居住证"}},
	{chongqing, "渝快办", "社会保障卡申领", []string{"渝快办事", "山城办件", "社会保障卡"}},
}

// A province's mini-app opens inside the phone page under its own name, colour
// and layout, and knows the person without another sign-in.
// demand: D45
// demand: D01
func TestAProvinceKeepsItsFaceInsideThePhone(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, guangdong, chongqing}})
	b.signIn(st.conf.Issuer, roamer)
	for _, face := range faces {
		b.tap("[data-tab=apps]", "应用")
		b.see(face.name)
		b.tap("a.row", face.name)
		b.see("请求取得您的以下信息")
		b.tap("button", "同意并打开")
		b.until("the frame", "document.querySelector('iframe')")
		shown := ""
		st.until(face.name+" shows itself", func() (bool, error) { shown = b.inFrame(); return strings.Contains(shown, "张**"), nil })
		b.shoot("face-" + face.code)
		for _, other := range faces {
			for _, words := range other.words[:2] {
				if strings.Contains(shown, words) != (other.code == face.code) {
					t.Errorf("%s shows %q: %t", face.name, words, strings.Contains(shown, words))
				}
			}
		}
		if !strings.Contains(shown, "无需再次登录") {
			t.Errorf("%s: %s", face.name, shown)
		}
		b.tap("#leave-app", "关闭")
	}
	if c := st.world.Source.Counts(); c.LoginPages != 1 || c.SignIns != 1 {
		t.Errorf("%d login pages, %d sign-ins at the source", c.LoginPages, c.SignIns)
	}
}

// The pages of the three mini-apps by themselves: readable on a phone, at double
// text, by everybody; their form says what is known, and a message reaches the person.
// demand: D45
func TestTheProvincesOwnPagesAreWellMade(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, guangdong, chongqing}})
	p := st.phone(roamer)
	st.filed(p, "k1")
	for _, face := range faces {
		app := st.province(face.code)
		_, _, err := p.OpenMiniApp(t.Context(), app.AppID()) // consents
		must(t, err)
		address, err := p.Launch(t.Context(), app.AppID())
		must(t, err)
		b.do(chromedp.Navigate(address))
		b.see(face.words...)
		b.plainPage("zone-" + face.code)
		b.tap("a", face.zone)
		b.see(face.zone, "请窗口人员联系我")
		b.plainPage("form-" + face.code)
		b.tap("button", "请窗口人员联系我")
		b.see("通知已发到您在平台的消息里")
		b.tap("a", "返回")
		b.see(face.words...)
	}
	inbox, err := p.Inbox(t.Context())
	must(t, err)
	told := 0
	for _, e := range inbox.Edges {
		if e.Node.Kind == "APP_MESSAGE" {
			told++
		}
	}
	if told != len(faces) {
		t.Errorf("%d messages: %+v", told, inbox.Edges)
	}
}

// plainPage is wellMade for a page that is not ours.
func (b *tab) plainPage(name string) {
	b.t.Helper()
	b.until("a page that stands", "document.readyState === 'complete'")
	b.shoot(name)
	for _, size := range []int64{doubleText, plainText} {
		b.textSize(size)
		if out := js[[]string](b, overflowing); len(out) > 0 {
			b.t.Errorf("%s at text of %d px overflows: %q", name, size, out)
		}
	}
	b.accessible(name)
}
