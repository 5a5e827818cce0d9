package realname

import (
	"strings"
	"unicode/utf8"
)

// compound are the common surnames of two characters (复姓); without them the
// mask of 欧阳修 would show half a surname.
const compound = "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 百里 呼延 东郭 西门"

// MaskName shows the surname only: 张**, 欧阳**. The number of stars says
// nothing of the name's length.
func MaskName(name string) string {
	r := []rune(strings.TrimSpace(name))
	if len(r) == 0 {
		return ""
	}
	shown := 1
	if len(r) > 2 && r[0] != ' ' && r[1] != ' ' && strings.Contains(compound, string(r[:2])) {
		shown = 2
	}
	return string(r[:shown]) + "**"
}

// MaskIDNumber shows the first and the last character: more would leave only
// some thousand candidates.
func MaskIDNumber(number string) string { return mask(number, 1, 1) }

// MaskPhone shows three and four digits: 138****5678.
func MaskPhone(phone string) string { return mask(phone, 3, 4) }

// MaskBankAccount shows the last four digits.
func MaskBankAccount(account string) string { return mask(account, 0, 4) }

// mask keeps head and tail characters; what is too short to hide at least as
// much as it shows is hidden whole.
func mask(s string, head, tail int) string {
	n := utf8.RuneCountInString(s)
	if n == 0 {
		return ""
	}
	hidden := n - head - tail
	if hidden < 4 {
		return strings.Repeat("*", n)
	}
	r := []rune(s)
	return string(r[:head]) + strings.Repeat("*", hidden) + string(r[n-tail:])
}
