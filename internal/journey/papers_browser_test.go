package journey_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tongban/tongban/mocks/world"
)

// demand: D08, D12, D19
func TestAPersonGivesAFileAndSignsADocumentOnThePhone(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{shanghai, anhui, henan}})
	b.signIn(st.conf.Issuer, roamer)
	b.tapTo("/matter/"+partnership+"/"+shanghai, "请您提供")
	b.wellMade("papers")
	for name, value := range founding() {
		b.choose("[name="+name+"]", value)
	}
	b.tap("button", "确认提交")
	b.see("请先")
	paper := filepath.Join(t.TempDir(), "lease.pdf")
	must(t, os.WriteFile(paper, lease(), 0o600))
	for i := range js[int](b, "document.querySelectorAll('.paper input[type=file]').length") {
		at := fmt.Sprintf("[data-nth='%d']", i)
		js[bool](b, fmt.Sprintf("(document.querySelectorAll('.paper input[type=file]')[%d].dataset.nth = '%d', true)", i, i))
		b.do(chromedp.SetUploadFiles(at, []string{paper}))
	}
	b.until("every file is sent", "[...document.querySelectorAll('.paper:has(input)')].every(e => e.innerText.includes('已上传'))")
	for range js[int](b, "[...document.querySelectorAll('.paper button')].length") {
		b.tap(".paper:not(:has(.yes)) button", "阅读并签署")
		b.see("确认签署")
		if !js[bool](b, "document.querySelector('dialog.document').innerText.includes('示例合伙企业')") {
			t.Error("the document does not say what the form says")
		}
		b.wellMade("sign")
		b.tap("dialog button", "确认签署")
		b.until("signed", "!document.querySelector('dialog.document')")
	}
	b.wellMade("papers-given")
	b.choose("[name=capital]", "200000.00")
	b.tap("button", "确认提交")
	b.see("填写的内容改了，请重新签署") // what was signed says another figure
	b.choose("[name=capital]", founding()["capital"])
	b.tap("button", "确认提交")
	b.see("业务协同编号", "已提交", "您已签署", "您上传的文件")
	b.wellMade("papers-receipt")
	st.idle()
	numbers := st.province(shanghai).CaseNumbers()
	if len(numbers) != 1 {
		t.Fatalf("%d cases at the province", len(numbers))
	}
	if c, _ := st.province(shanghai).Case(numbers[0]); len(c.Papers) != 4 {
		t.Errorf("%d papers reached the province", len(c.Papers))
	}
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}

// demand: D12
func TestAnAgentSignsInForAnEnterprise(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{})
	b.visit(st.conf.Issuer)
	b.see("个人", "企业")
	b.wellMade("welcome-choice")
	b.tap(".who label", "企业")
	b.tap("#sign-in", "登录")
	b.tap("button[name=person]", world.Agent(roamer, st.enterprise(trader).Name))
	b.see(st.enterprise(trader).Name, "经办人：")
	b.settled()
	b.wellMade("enterprise-home")
	b.tapTo("/me", "信用代码")
	b.wellMade("enterprise-me")
	if told := b.complaints(); len(told) > 0 {
		t.Errorf("the console complains: %q", told)
	}
}
