package elderly

import (
	"regexp"
	"strconv"
	"strings"
)

// Reading texts. A voice reads "2026" as a number and "1,234.50" as two; here
// everything is spelled as a person says it.

var digits = []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}

// spelled are the patterns in their order: what an earlier one took is no
// figure any more.
var spelled = []struct {
	form *regexp.Regexp
	say  func(m []string) string
}{
	{regexp.MustCompile(`(\d{4})年`), func(m []string) string { return each(m[1], "一") + "年" }},
	{regexp.MustCompile(`([\d,]+)(?:\.(\d{1,2}))? ?元`), func(m []string) string { return yuan(m[1], m[2]) }},
	{regexp.MustCompile(`(\d{1,2})点(\d{1,2})分`), func(m []string) string { return hour(m[1]) + "点" + minute(m[2]) }},
	{regexp.MustCompile(`(\d{1,2})点`), func(m []string) string { return hour(m[1]) + "点" }},
	{regexp.MustCompile(`\d{5,}`), func(m []string) string { return each(m[0], "幺") }},
	{regexp.MustCompile(`(^|\D)2(个|张|位|条|笔|次|家)`), func(m []string) string { return m[1] + "两" + m[2] }},
	{regexp.MustCompile(`\d{1,4}`), func(m []string) string { return number(m[0]) }},
}

// aloud gives text as a voice should say it: no figure is left in it, and
// nothing that a voice stumbles over.
func aloud(text string) string {
	for _, s := range spelled {
		text = s.form.ReplaceAllStringFunc(text, func(found string) string { return s.say(s.form.FindStringSubmatch(found)) })
	}
	return strings.NewReplacer("(", "，", ")", "", "（", "，", "）", "", " ", "", "·", "，", "“", "", "”", "").Replace(text)
}

// aloudAll joins sentences.
func aloudAll(sentences ...string) string {
	var b strings.Builder
	for _, s := range sentences {
		if s = strings.TrimRight(aloud(s), "。，"); s == "" {
			continue
		}
		b.WriteString(s)
		if last := []rune(s); !strings.ContainsRune("?？!！:：", last[len(last)-1]) {
			b.WriteString("。")
		}
	}
	return b.String()
}

// each says figure by figure; one is "幺" in a number that is dialled.
func each(figures, one string) string {
	var b strings.Builder
	for _, r := range figures {
		if r == '1' {
			b.WriteString(one)
			continue
		}
		b.WriteString(digits[r-'0'])
	}
	return b.String()
}

func hour(h string) string {
	if strings.TrimLeft(h, "0") == "2" {
		return "两"
	}
	return number(h)
}

func minute(m string) string {
	n, err := strconv.Atoi(m)
	switch {
	case err != nil || n == 0:
		return "整"
	case n == 30:
		return "半"
	case n < 10:
		return "零" + number(m) + "分"
	}
	return number(m) + "分"
}

// yuan says an amount: yuan with thousands set apart or not, and its decimals.
func yuan(whole, decimals string) string {
	say := number(strings.ReplaceAll(whole, ",", "")) + "元"
	decimals += strings.Repeat("0", 2-len(decimals))
	jiao, fen := decimals[0]-'0', decimals[1]-'0'
	if jiao > 0 {
		say += digits[jiao] + "角"
	}
	if fen > 0 {
		if jiao == 0 {
			say += "零"
		}
		say += digits[fen] + "分"
	}
	return say
}

// number says a whole number below a hundred million as it is spoken.
func number(figures string) string {
	n, err := strconv.Atoi(figures)
	if err != nil || n >= 100_000_000 {
		return each(strings.ReplaceAll(figures, ",", ""), "一")
	}
	if n == 0 {
		return "零"
	}
	high, low := n/10_000, n%10_000
	say := ""
	if high > 0 {
		say = below10000(high) + "万"
		if low > 0 && low < 1000 {
			say += "零"
		}
	}
	if low > 0 {
		say += below10000(low)
	}
	if strings.HasPrefix(say, "一十") { // nobody says the one before ten
		say = strings.TrimPrefix(say, "一")
	}
	return say
}

func below10000(n int) string {
	say, gap := "", false
	for _, p := range []struct {
		value int
		unit  string
	}{{1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		d := n / p.value % 10
		switch {
		case d == 0:
			gap = say != ""
		default:
			if gap {
				say += "零"
			}
			say, gap = say+digits[d]+p.unit, false
		}
	}
	return say
}
