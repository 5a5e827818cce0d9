package provincehttp_test

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/province/provincehttp"
)

func gb(t testing.TB, text string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Labels of old systems lie: what the bytes prove comes first, then the
// manifest, then the label.
func TestABodyIsReadInTheCharsetItIsIn(t *testing.T) {
	const short, long = `{"名":"联通"}`, `{"姓名":"张示例","状态":"正常参保缴费中","单位":"示例单位"}`
	none := "application/json"
	for name, c := range map[string]struct {
		media, declared, body string
		refused               bool
	}{
		"said rightly":                   {"application/json; charset=GBK", "", gb(t, long), false},
		"declared, nothing said":         {none, "gbk", gb(t, long), false},
		"declared, no type at all":       {"", "gb18030", gb(t, long), false},
		"said falsely, declared right":   {"application/json; charset=utf-8", "gb18030", gb(t, long), false},
		"said oddly, declared right":     {"application/json; charset=x-unknown", "gbk", gb(t, long), false},
		"declared falsely, proves it":    {none, "gb18030", long, false},
		"said GBK falsely, proves it":    {"application/json; charset=gbk", "", long, false},
		"short and said":                 {"application/json; charset=utf-8", "gbk", short, false},
		"a mark before UTF-8":            {none, "", "\xef\xbb\xbf" + long, false},
		"a rare character of four bytes": {none, "gb18030", gb(t, `{"姓":"𠮷"}`), false},
		"GBK without a word of it":       {none, "", gb(t, long), true},
		"GBK said to be UTF-8":           {"application/json; charset=utf-8", "", gb(t, long), true},
		"GBK cut in a character":         {none, "gbk", gb(t, `{"姓名":"张示例","x`) + "\xd5", true},
		"bytes of nothing":               {none, "gb18030", "{\"x\":\"\xff\xff\"}", true},
		"an unknown charset":             {"application/json; charset=big5", "", gb(t, long), true},
	} {
		got, err := provincehttp.Decode(c.media, miniapp.Wire{Charset: c.declared}, []byte(c.body))
		m, _ := got.(map[string]any)
		if c.refused != (err != nil) || !c.refused && len(m) == 0 {
			t.Errorf("%s: %v %v", name, got, err)
		}
		for key, v := range m {
			if text, _ := v.(string); !strings.Contains(long+short+`"姓":"𠮷"`, `"`+key+`":"`+text+`"`) {
				t.Errorf("%s: %q is %q", name, key, v)
			}
		}
	}
}

func TestBytesThatCannotBeDecodedHaveAReasonOfTheirOwn(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, gb(t, `{"姓名":"张示例"}`))
	})
	_, err := caller(clock.At(at), &signer{clock: clock.At(at)}).Call(t.Context(), call(url, miniapp.Auth{Kind: miniapp.AuthAssertion}))
	if fault.CodeOf(err) != province.ReasonCharset || strings.Contains(err.Error(), "张") {
		t.Fatal(err)
	}
}

func TestAQuestionIsWrittenAsTheManifestSays(t *testing.T) {
	var body, media string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		body, media = string(raw), r.Header.Get("Content-Type")
		_, _ = io.WriteString(w, "{}")
	})
	ask := `{"PACKAGE":{"DATA":{"RECORD":[{"XM":"张<例>","N":1},{"XM":null,"OK":true}]},"PACKAGEHEAD":{"JLS":2}}}`
	xml := `<PACKAGE><DATA><RECORD><N>1</N><XM>张&lt;例&gt;</XM></RECORD><RECORD><OK>true</OK><XM></XM></RECORD></DATA><PACKAGEHEAD><JLS>2</JLS></PACKAGEHEAD></PACKAGE>`
	for name, c := range map[string]struct {
		wire              miniapp.Wire
		ask, media, wants string
	}{
		"json":        {miniapp.Wire{}, `{"a":"张"}`, "application/json; charset=utf-8", `{"a":"张"}`},
		"json in GBK": {miniapp.Wire{Charset: "gbk"}, `{"a":"张"}`, "application/json; charset=gbk", gb(t, `{"a":"张"}`)},
		"xml":         {miniapp.Wire{Format: "xml"}, ask, "application/xml; charset=utf-8", `<?xml version="1.0" encoding="utf-8"?>` + xml},
		"xml in GB":   {miniapp.Wire{Format: "xml", Charset: "gb18030"}, ask, "application/xml; charset=gb18030", gb(t, `<?xml version="1.0" encoding="gb18030"?>`+xml)},
		"a rare name": {miniapp.Wire{Charset: "gb18030"}, `{"a":"𠮷"}`, "application/json; charset=gb18030", gb(t, `{"a":"𠮷"}`)},
		// What can't be written so is not asked: half a name is another name.
		"a rare name in GBK": {miniapp.Wire{Charset: "gbk"}, `{"a":"𠮷"}`, "", ""},
		"two roots":          {miniapp.Wire{Format: "xml"}, `{"A":{},"B":{}}`, "", ""},
		"no element's name":  {miniapp.Wire{Format: "xml"}, `{"A":{"b c":1}}`, "", ""},
	} {
		body, media = "", ""
		q := call(url, miniapp.Auth{Kind: miniapp.AuthAssertion})
		q.App.Manifest.Connector.Wire, q.Body = c.wire, []byte(c.ask)
		_, err := caller(clock.At(at), &signer{clock: clock.At(at)}).Call(t.Context(), q)
		if body != c.wants || media != c.media || (c.media == "") != (fault.CodeOf(err) == province.ReasonRefused) {
			t.Errorf("%s: %q %q %v", name, body, media, err)
		}
	}
}

func TestARepeatedElementIsAListOfAnyLength(t *testing.T) {
	wire := miniapp.Wire{Format: "xml", Repeated: []string{"PACKAGE.DATA.RECORD"}}
	records := func(v any) map[string]any {
		return map[string]any{"PACKAGE": map[string]any{"DATA": map[string]any{"RECORD": v}}}
	}
	li, wang := map[string]any{"XM": "李"}, map[string]any{"XM": "王"}
	for body, want := range map[string]any{
		`<PACKAGE><DATA><RECORD><XM>李</XM></RECORD><RECORD><XM>王</XM></RECORD></DATA></PACKAGE>`: records([]any{li, wang}),
		`<PACKAGE><DATA><RECORD><XM>李</XM></RECORD></DATA></PACKAGE>`:                            records([]any{li}),
		`<PACKAGE><DATA/></PACKAGE>`:            records([]any{}),
		`<PACKAGE><HEAD>1</HEAD></PACKAGE>`:     map[string]any{"PACKAGE": map[string]any{"HEAD": "1"}},
		`<PACKAGE><DATA>words</DATA></PACKAGE>`: nil,
	} {
		got, err := provincehttp.Decode("text/xml", wire, []byte(body))
		if !reflect.DeepEqual(got, want) || (want == nil) != (err != nil) {
			t.Errorf("%s: %v %v", body, got, err)
		}
	}
}

// FuzzDecode feeds answers of any bytes, types and wires: whatever comes is
// read or refused, and what is read is well-formed text of bearable depth.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{`{"a":[1,2.5,"x",null]}`, `<P><D><R><X>李</X></R></D></P>`, "<P><D/></P>", gb(f, `{"名":"联通"}`), gb(f, "<P><X>张</X></P>"), "\xef\xbb\xbf{}", "\xff", "[[[[", "<a><b></a>"} {
		for _, media := range []string{"application/json", "text/xml; charset=gbk", ""} {
			f.Add(media, "gb18030", body, true)
			f.Add(media, "", body, false)
		}
	}
	f.Fuzz(func(t *testing.T, media, charset, body string, xml bool) {
		wire := miniapp.Wire{Charset: charset, Repeated: []string{"P.D.R"}}
		if xml {
			wire.Format = miniapp.FormatXML
		}
		got, err := provincehttp.Decode(media, wire, []byte(body))
		if err != nil {
			if strings.Contains(err.Error(), body) && len(body) > 8 {
				t.Errorf("the error quotes the answer: %v", err)
			}
			return
		}
		sound(t, got, 0)
	})
}

func sound(t *testing.T, v any, depth int) {
	t.Helper()
	if depth > 30 {
		t.Fatal("deeper than any answer may be")
	}
	switch v := v.(type) {
	case string:
		if strings.ToValidUTF8(v, "") != v {
			t.Error("text that is no text")
		}
	case map[string]any:
		for name, one := range v {
			sound(t, name, depth+1)
			sound(t, one, depth+1)
		}
	case []any:
		for _, one := range v {
			sound(t, one, depth+1)
		}
	case int64, float64, bool, nil:
	default:
		t.Errorf("a value of type %T", v)
	}
}
