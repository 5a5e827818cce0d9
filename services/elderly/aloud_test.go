package elderly

import (
	"regexp"
	"testing"
)

// What a voice gets says each figure as a person does.
func TestEveryFigureIsSpelledAsItIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		"要缴400元":        "要缴四百元",
		"余额1,234.50元":   "余额一千二百三十四元五角",
		"付了12.05 元":     "付了十二元零五分",
		"0.80元":         "零元八角",
		"10004元":        "一万零四元",
		"120000元":       "十二万元",
		"100340元":       "十万零三百四十元",
		"2010元":         "二千零一十元",
		"2026年11月25日":   "二零二六年十一月二十五日",
		"1月10日上午9点05分":  "一月十日上午九点零五分",
		"下午2点30分":       "下午两点半",
		"中午12点":         "中午十二点",
		"打12345":        "打幺二三四五",
		"19900000001":   "幺九九零零零零零零零幺",
		"有2张证":          "有两张证",
		"有12张证":         "有十二张证",
		"还剩15天":         "还剩十五天",
		"3分钟前查的":        "三分钟前查的",
		"河南第一医院(示例) 内科": "河南第一医院，示例内科",
		"999999999元":    "九九九九九九九九九元",
	} {
		got := aloud(text)
		if got != want {
			t.Errorf("%s is said %q, want %q", text, got, want)
		}
		if regexp.MustCompile(`\d`).MatchString(got) {
			t.Errorf("%s keeps a figure: %q", text, got)
		}
	}
}

func TestSentencesEndOnce(t *testing.T) {
	if got := aloudAll("去哪里看病？", "", "还剩2天。", "好"); got != "去哪里看病？还剩二天。好。" {
		t.Errorf("%q", got)
	}
}
