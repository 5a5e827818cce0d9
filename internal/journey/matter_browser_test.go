package journey_test

import "testing"

// demand: D58
func TestAPersonPaysForAMatterAtTheCashierOnce(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	b.signIn(st.conf.Issuer, roamer)
	b.tapTo("/matter/social-security-payment/"+henan, "要缴 400.00 元")
	b.wellMade("pay-preflight")
	b.tap("button", "确认提交，去缴费")
	b.see("收银台", "400.00 元")
	js[bool](b, "(history.back(), true)") // not yet
	b.see("待缴费", "去缴费")
	b.wellMade("pay-due")
	b.tap("button", "去缴费")
	b.see("收银台")
	b.tap("button", "确认支付")
	b.see("支付成功")
	b.tap("a.go", "返回办事页面")
	b.see("已缴费，今天", "业务协同编号")
	st.idle()
	b.see("已提交")
	b.wellMade("paid-standard")
	if n := st.world.Payment.Counts().Trades; n != 1 {
		t.Errorf("paid %d times", n)
	}
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}
