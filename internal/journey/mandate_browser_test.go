package journey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/mocks/province"
)

// given has the principal's phone offer a mandate, the delegate's take it by the
// code that the first one shows, and the principal confirm.
func given(t *testing.T, principal, delegate *tab) {
	t.Helper()
	principal.tapTo("/me", "授权代办")
	principal.tap("a.row", "授权代办")
	principal.see("请人替我办", "还没有人授权给您。")
	principal.wellMade("mandates")
	principal.tap("a.row", "请人替我办")
	principal.see("对方是您的什么人", "最长到 2027年2月22日 为止")
	principal.tap("label", "一年") // the longest that is offered is taken
	principal.see("最长到 2027年11月22日 为止")
	principal.tap("button", "生成授权码")
	principal.see("至少选一样")
	principal.tap("label", "出示证照") // and what it is found among
	principal.tap("label", "提交材料，办理所有事项")
	principal.wellMade("mandate-offer")
	principal.tap("button", "生成授权码")
	principal.see("把这 12 位数字告诉对方", "只告诉您要托付的人")
	principal.wellMade("mandate-code")
	code := js[string](principal, "document.querySelector('#mandate-code').textContent")

	delegate.tapTo("/mandates", "替别人办")
	delegate.tap("a.row", "替别人办")
	delegate.choose("#mandate-code", "1234")
	delegate.tap("button", "接受授权")
	delegate.see("授权码是 12 位数字")
	delegate.choose("#mandate-code", strings.Repeat("1", 12))
	delegate.tap("button", "接受授权")
	delegate.see("授权码不正确或已失效")
	delegate.wellMade("mandate-take")
	delegate.choose("#mandate-code", code)
	delegate.tap("button", "接受授权")
	delegate.see("我替张**办", "等对方确认", "请张**在自己的手机上确认")
	delegate.wellMade("mandate-wait")

	principal.see("是您要托付的“王**”吗？", "等您确认")
	principal.wellMade("mandate-confirm")
	principal.tap("button", "是，确认生效")
	principal.see("王演示替我办", "有效", "还没有办过事。")
	delegate.see("我替张示例办", "替张示例办事") // by itself
}

// demand: D34
func TestTwoPhonesGiveUseAndEndAMandate(t *testing.T) {
	mother, daughter := openTab(t), openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	mother.signIn(st.conf.Issuer, roamer)
	daughter.signIn(st.conf.Issuer, spouse)
	given(t, mother, daughter)

	daughter.tap("button", "替张示例办事")
	daughter.see("正在替", "张示例的首页", "居民身份证", "各地的信息", "河南省")
	daughter.wellMade("acting-home")
	if shown := js[string](daughter, "[...document.querySelectorAll('[data-tab]')].map(e => e.dataset.tab).join()"); shown != "home,matters" {
		t.Errorf("who acts is shown %s", shown)
	}
	daughter.tapTo("/ledger", "现在不能看", "退出代办，回到自己的账户")
	daughter.wellMade("acting-closed")
	daughter.tap("[data-tab=matters]", "办事")
	daughter.tap("a.row", "异地就医登记备案和结算")
	daughter.tap("button.choice", "河南省")
	daughter.see("正在替", "199****0001") // the mother's
	daughter.choose("#f-care_region", shanghai)
	daughter.tap(".days button", "明天")
	daughter.wellMade("acting-matter")
	daughter.tap("button", "确认提交")
	daughter.see("正在替", "业务协同编号", "已提交")
	number := strings.ReplaceAll(js[string](daughter, "document.querySelector('.code').textContent"), " ", "")
	st.idle()
	if _, there := st.province(henan).Case(number); !there {
		t.Fatal("the case of the receipt never reached its province")
	}
	st.decide(number, province.Move{State: "RECEIVED"})
	daughter.until("the screen moves by itself", "document.querySelector('.steps .now')?.innerText.includes('已收件')")
	if kept := js[string](daughter, "Object.entries({...sessionStorage, ...localStorage}).sort().map(([name, value]) => value.includes('man_') ? value : name).join()"); kept != "tongban.refresh,tongban.session,tongban.turn" {
		t.Error("what belongs to acting is kept beyond the memory of the tab")
	}
	st.later(11 * time.Minute) // the token has lapsed; what is asked next asks for another
	daughter.tapTo("/cases", "异地就医登记备案和结算", "正在替")

	mother.tapTo("/mandates", "王演示")
	mother.tap("a.row", "王演示")
	mother.see("王演示", "由 王演示 代办", "办理异地就医登记备案和结算", "代办人开始代为办理")
	mother.wellMade("mandate-acts")
	mother.tap("a.more", "看这件事")
	mother.see("业务协同编号")
	mother.tapTo("/ledger", "由 王演示 代办")
	mother.tapTo("/mandates", "王演示")
	mother.tap("a.row", "王演示")
	mother.tap("button", "结束授权")
	mother.see("对方马上不能再替您办事。")
	mother.tap("button", "确认结束")
	mother.see("已结束", "由您结束")
	mother.wellMade("mandate-ended")

	daughter.see("替张示例办事的授权已经结束，您不能再代为办理。已回到您自己的账户。") // by itself
	daughter.wellMade("mandate-told")
	if js[bool](daughter, "!!document.querySelector('.acting')") {
		t.Error("the bar stays")
	}
	daughter.tapTo("/home", "，"+spouse)
	st.idle()
	daughter.tapTo("/inbox", "授权代办已结束")
	daughter.tap("button.notice", "授权代办已结束")
	daughter.see("我替张**办", "，由对方结束") // masked again
	for _, b := range []*tab{mother, daughter} {
		for _, expected := range []string{"401", "oauth2/token", "404", "ERR_INCOMPLETE_CHUNKED_ENCODING"} { // lapsed tokens, and a code that is none
			b.forgive(expected)
		}
		if told := b.complaints(); len(told) > 0 {
			t.Errorf("the console complains: %q", told)
		}
	}
}

// What is asked after the end is refused in the server's words, and done by
// nobody; leaving is one tap from anywhere.
//
// demand: D34
func TestWhoActsFallsBackToThemselves(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	mother := st.phone(roamer)
	m := st.entrust(mother, st.phone(spouse), "space", "app:"+st.province(henan).AppID())
	b.signIn(st.conf.Issuer, spouse)
	act := func() {
		t.Helper()
		b.tapTo("/mandate/"+m.ID, "替张示例办事")
		b.tap("button", "替张示例办事")
		b.see("张示例的首页")
	}
	act()
	b.tap("#leave-acting", "退出")
	b.see("已退出代办张示例，回到您自己的账户。")
	b.tapTo("/home", "，"+spouse)
	act()
	b.visit(st.conf.Issuer)
	b.see("，" + spouse) // a reload is the end of it
	act()
	b.tap("a.row", "居民身份证")
	b.see("张示例的证照", "一共")
	if js[bool](b, "!!document.querySelector('a.show')") {
		t.Error("a licence may be shown, which the mandate does not allow")
	}
	b.tap("[data-tab=apps]", "应用")
	b.see("豫事办")
	if n := js[int](b, "document.querySelectorAll('a.row').length"); n != 1 {
		t.Errorf("%d apps are offered, want the one that is allowed", n)
	}
	b.tap("a.row", "豫事办")
	b.tap("button", "同意并打开")
	st.until("the mini-app greets", func() (bool, error) { return strings.Contains(b.inFrame(), "张**"), nil })
	b.see("正在替")
	b.wellMade("acting-app")
	b.tap("#leave-acting", "退出")
	b.see("已退出代办张示例，回到您自己的账户。")
	act()
	b.tap(".elder-switch", "长辈版")
	b.see("张示例的首页")
	b.readable("acting-home")
	b.tap(".elder-switch", "标准版")
	_, err := mother.EndMandate(t.Context(), m.ID)
	must(t, err)
	b.tapTo("/cases")
	b.until("the server's words", "document.querySelector('.why')?.innerText === '该授权已失效，您不能再代为办理。'")
	b.see("我能替谁办事", "以前的 1 份")
	b.tapTo("/home", "，"+spouse)
}

// An older person sees who may act for them in words made to be heard, and ends
// it there.
//
// demand: D34
func TestAnOlderPersonSeesAndEndsWhoActs(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	p := st.phone(roamer)
	m := st.entrust(p, st.phone(spouse), "space", "matter:"+filing)
	b.signIn(st.conf.Issuer, roamer)
	b.tap(".elder-switch", "长辈版")
	b.see("社保缴费")
	b.tapTo("/me", "授权代办")
	b.tap("a.row", "授权代办")
	b.see("王演示可以替您办事", "读给我听")
	b.readable("/mandates")
	b.tapTo("/mandate-offer", "生成授权码")
	b.readable("/mandate-offer")
	b.tap("label", "查看信息")
	b.tap("button", "生成授权码")
	b.see("把这 12 位数字告诉对方")
	b.readable("/mandate-code")
	b.tapTo("/mandate-take", "接受授权")
	b.readable("/mandate-take")
	b.tapTo("/mandate/"+m.ID, "王演示替我办", "异地就医登记备案和结算")
	b.readable("/mandate")
	b.tapTo("/mandates", "王演示可以替您办事")
	b.tap("button", "不用王演示帮忙了")
	b.tap("button.danger", "不用了")
	b.see("现在没有人替您办事。")
	seen, err := p.Mandate(t.Context(), m.ID)
	must(t, err)
	if seen.State != "ENDED" || seen.EndedBy != "PRINCIPAL" {
		t.Errorf("%+v", seen)
	}
}

// The cashier's page is another's: who comes back from it acts on for whom they
// paid, by a token of its own.
//
// demand: D34
func TestWhoPaysForAnotherComesBackActing(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	mother := st.phone(roamer)
	m := st.entrust(mother, st.phone(spouse), "matter:*")
	b.signIn(st.conf.Issuer, spouse)
	b.tapTo("/mandate/"+m.ID, "替张示例办事")
	b.tap("button", "替张示例办事")
	b.see("这份授权只包括：办事。看不到对方的信息。")
	b.tapTo("/matter/social-security-payment/"+henan, "要缴 400.00 元", "正在替")
	b.tap("button", "确认提交，去缴费")
	b.see("收银台", "400.00 元")
	js[bool](b, "(history.back(), true)") // not yet
	b.see("待缴费", "去缴费", "正在替")
	b.tap("button", "去缴费")
	b.see("收银台")
	b.tap("button", "确认支付")
	b.see("支付成功")
	b.tap("a.go", "返回办事页面")
	b.see("已缴费，今天", "业务协同编号", "正在替")
	b.tap("button", "退出")
	b.see("已退出代办张示例")
}
