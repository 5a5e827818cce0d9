package consent

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// text derives what the person reads from the ask alone, so that no recipient
// words its own consent.
func (a Ask) text() Text {
	return Text{ZH: a.render(chinese()), EN: a.render(english())}
}

// version names the text: whoever agrees, agrees to this.
func (t Text) version() string {
	sum := sha256.Sum256([]byte(t.ZH + "\x00" + t.EN))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// language is how an ask is worded.
type language struct {
	asked, byLaw, nothing, withdraw string
	run                             string // by whom
	line                            func(n int, u Use) string
}

func chinese() language {
	return language{
		asked:    "“%s”%s请求取得您的以下信息，您可以同意，也可以拒绝：",
		run:      "（由%s运营）",
		byLaw:    "以下信息依法无需您同意，特此告知：",
		nothing:  "“%s”不需要取得您的信息。",
		withdraw: "您可以随时在“授权管理”中撤回同意；撤回不影响此前已经进行的使用。同意在3年后失效，届时会再次征求。每次使用都会记入您的数据使用记录。",
		line: func(n int, u Use) string {
			marks := "必需"
			if u.Optional {
				marks = "可选，不同意不影响使用"
			}
			if !u.Asked() {
				marks = "依据：" + spoken(u.Basis, "法律、法规规定", "订立、履行合同所必需")
			}
			if u.Sensitive {
				marks += "；敏感个人信息"
				if u.Asked() {
					marks += fmt.Sprintf("，需您单独同意，%d年内有效", SensitiveYears)
				}
			}
			kept := "用后不保存"
			if u.RetentionDays > 0 {
				kept = fmt.Sprintf("保存%d天", u.RetentionDays)
			}
			return fmt.Sprintf("%d. %s（%s）：用于%s；%s。（%s）", n, u.What, strings.Join(u.Claims, "、"), u.Purpose, kept, marks)
		},
	}
}

func english() language {
	return language{
		asked:    "“%s”%s asks for the following data of yours. You may agree or refuse:",
		run:      " (run by %s)",
		byLaw:    "For the following the law needs no consent of yours; you are told:",
		nothing:  "“%s” needs no data of yours.",
		withdraw: "You may withdraw your consent at any time under “Consents”; what was done before stays lawful. Your consent lapses after 3 years, and you are asked again. Each use is written into your record of data uses.",
		line: func(n int, u Use) string {
			marks := "required"
			if u.Optional {
				marks = "optional, the service works without it"
			}
			if !u.Asked() {
				marks = "basis: " + spoken(u.Basis, "a statute", "a contract with you")
			}
			if u.Sensitive {
				marks += "; sensitive personal data"
				if u.Asked() {
					marks += fmt.Sprintf(", agreed to by itself, for %d year", SensitiveYears)
				}
			}
			kept := "not kept after use"
			if u.RetentionDays > 0 {
				kept = fmt.Sprintf("kept for %d day(s)", u.RetentionDays)
			}
			return fmt.Sprintf("%d. %s (%s): for “%s”; %s. (%s)", n, u.What, strings.Join(u.Claims, ", "), u.Purpose, kept, marks)
		},
	}
}

// by says who runs the recipient, where that is known.
func (l language) by(operator string) string {
	if operator == "" {
		return ""
	}
	return fmt.Sprintf(l.run, operator)
}

// spoken words the two bases that manifests name by a keyword; any other names
// its law itself.
func spoken(basis, statute, contract string) string {
	switch basis {
	case "statute":
		return statute
	case "contract":
		return contract
	}
	return basis
}

func (a Ask) render(l language) string {
	var asked, byLaw []string
	for _, u := range a.Uses {
		if u.Asked() {
			asked = append(asked, l.line(len(asked)+1, u))
		} else {
			byLaw = append(byLaw, l.line(len(byLaw)+1, u))
		}
	}
	var lines []string
	if len(asked) > 0 {
		lines = append(append(lines, fmt.Sprintf(l.asked, a.AppName, l.by(a.OperatorName))), asked...)
	}
	if len(byLaw) > 0 {
		lines = append(append(lines, l.byLaw), byLaw...)
	}
	if len(lines) == 0 {
		return fmt.Sprintf(l.nothing, a.AppName)
	}
	if len(asked) > 0 {
		lines = append(lines, l.withdraw)
	}
	return strings.Join(lines, "\n")
}
