package journey_test

import (
	"strings"
	"testing"
)

// voice keeps what a page says aloud in place of saying it.
const voice = `(() => { globalThis.heard = []; speechSynthesis.speak = u => heard.push(u.lang + ' ' + u.text); speechSynthesis.cancel = () => {}; return true; })()`

// easy opens the mode for older persons, signed in, as the retired man.
func easy(t *testing.T) (*tab, *stage) {
	t.Helper()
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, "110000", jiangsu}})
	b.visit(st.conf.Issuer)
	b.tap(".elder-switch", "长辈版")
	b.signIn(st.conf.Issuer, retired)
	b.settled()
	return b, st
}

// way presses a button of the screen, and waits for the next one.
func (b *tab) way(words string) {
	b.t.Helper()
	before := js[string](b, "document.querySelector('.easy-title')?.innerText || ''")
	b.tap(".way", words)
	b.until("another screen than "+before, "document.querySelector('.easy-title') && document.querySelector('.easy-title').innerText !== "+quoted(before))
}

func (b *tab) homeAgain() {
	b.t.Helper()
	b.tapTo("/home", "社保缴费", "找人帮忙")
	b.settled()
}

// demand: D43
func TestAnOlderPersonMeetsSixThingsThatAreReadAloud(t *testing.T) {
	b, st := easy(t)
	b.see("社保缴费", "要缴400元", "社保资格认证", "还剩7天", "医保服务", "预约挂号", "我的证件", "找人帮忙")
	if n := js[int](b, "document.querySelectorAll('.entry').length"); n > 6 {
		t.Errorf("%d things on the home screen", n)
	}
	b.readable("home")
	js[bool](b, voice)
	b.tap("#read-aloud", "读给我听")
	home, err := st.old(retired).p.EasyHome(t.Context())
	must(t, err)
	want := "zh-CN " + home.ReadAloud
	for _, e := range home.Entries {
		want += e.ReadAloud
	}
	if got := js[string](b, "heard.join()"); got != want {
		t.Errorf("it is read aloud: %q, want %q", got, want)
	}
	b.tap("#read-aloud", "停下")
	b.tap(".entry", "找人帮忙")
	b.see("12345")
	b.readable("help")
	if !js[bool](b, "!!document.querySelector('a.way[href^=\"tel:\"]')") {
		t.Error("nobody can be called")
	}
	js[bool](b, voice)
	b.tap("#read-aloud", "读给我听")
	if said := js[string](b, "heard.join()"); said == "" || strings.ContainsAny(said[6:], "0123456789") {
		t.Errorf("a number is not said as it is heard: %q", said)
	}
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

// demand: D43
// demand: D58
func TestAnOlderPersonPaysAtTheCashierAndComesBack(t *testing.T) {
	b, st := easy(t)
	b.tap(".entry", "社保缴费")
	b.see("要缴400元", "交到：河南省", "不用您填")
	b.readable("pay")
	b.tap(".way", "去缴费")
	b.see("收银台", "400.00 元")
	b.tap("button", "确认支付")
	b.see("支付成功")
	b.tap("a.go", "返回办事页面")
	b.see("付了400元")
	b.readable("paid")
	if at := js[string](b, "location.search + location.hash"); at != "#/easy" {
		t.Errorf("the address says %q", at)
	}
	if n := st.world.Payment.Counts().Trades; n != 1 {
		t.Errorf("paid %d times", n)
	}
	b.homeAgain()
	b.see("今年已缴400元")
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

// demand: D43
func TestAnOlderPersonDoesTheOtherThingsOneAtATime(t *testing.T) {
	b, st := easy(t)
	t.Run("proves the pension", func(t *testing.T) {
		b.on(t).tap(".entry", "社保资格认证")
		b.see("给河南省的有")
		b.readable("qualification")
		b.tap(".way.primary", "")
		b.until("the receipt", "document.querySelector('.easy-title[data-kind=RECEIPT]')")
		st.idle()
		numbers := st.province(henan).CaseNumbers()
		if len(numbers) != 1 {
			t.Fatalf("%d cases at the province", len(numbers))
		}
		st.moved(numbers[0], "RECEIVED", "ACCEPTED", "DONE")
		b.see("认证好了") // the screen says so by itself
		b.readable("qualified")
		b.homeAgain()
		b.see("已认证")
	})
	t.Run("sees the medical account and shows the card", func(t *testing.T) {
		b.on(t).tap(".entry", "医保服务")
		b.see("医保账户还有", "出示医保码")
		b.readable("medical")
		b.way("出示医保码")
		if code := b.scan(); !strings.HasPrefix(code, st.conf.Issuer+"/scan#") {
			t.Error("the code is no link of the product's")
		}
		b.see("后自动换新码")
		b.readable("show")
		b.homeAgain()
	})
	t.Run("books an hour", func(t *testing.T) {
		b.on(t).tap(".entry", "预约挂号")
		b.see("去哪家医院？")
		b.readable("hospital")
		b.way("江苏第一医院")
		b.see("看什么科？")
		b.way("骨科")
		b.see("什么时候去？")
		b.readable("hour")
		js[bool](b, "(history.back(), true)")
		b.see("看什么科？") // one step back
		b.way("骨科")
		b.way("11月24日上午8点30分")
		b.see("就约这个")
		b.tap(".way", "就约这个")
		b.until("the receipt", "document.querySelector('.easy-title[data-kind=RECEIPT]')")
		b.readable("booked")
		b.homeAgain()
	})
	t.Run("shows a licence", func(t *testing.T) {
		b.on(t).tap(".entry", "我的证件")
		b.see("给人看哪张证？", "居民身份证")
		b.readable("licences-easy")
		b.way("居民身份证")
		b.scan()
		b.homeAgain()
		if js[int](b, "document.querySelectorAll('.qr').length") != 0 {
			t.Error("the code is shown on")
		}
	})
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

// Who asks for something sensitive is answered in the mode for older persons
// as in the other, in letters as large.
//
// demand: D40
func TestAnOlderPersonIsAskedBeforeSomethingSensitiveIsTold(t *testing.T) {
	b, st := easy(t)
	p := st.phone(retired)
	code := st.show(p, st.licence(p, henan, "居民身份证"), "ID_NUMBER")
	asked, err := st.desk(hotel).Check(t.Context(), code.URL, "hotel-check-in")
	must(t, err)
	if asked.State != "WAITING" {
		t.Fatalf("it is %s", asked.State)
	}
	b.see("有人要查看您的信息", "示例酒店(演示)")
	b.readable("approval")
	b.tap("#refuse", "不同意")
	b.see("对方什么也没有得到")
}
