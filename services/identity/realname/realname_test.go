package realname_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/identity/realname"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestRealIDNumbersAreRead(t *testing.T) {
	for in, want := range map[string]realname.IDNumber{
		"11010519491231002X":   "11010519491231002X",
		"11010519491231002x":   "11010519491231002X",
		"440524188001010014":   "440524188001010014",
		" 440524188001010014 ": "440524188001010014",
	} {
		if got, err := realname.ParseIDNumber(in, now); err != nil || got != want {
			t.Errorf("case %d characters: %v", len(in), err)
		}
	}
}

func TestIDNumbersThatCannotBeAreRefused(t *testing.T) {
	for name, in := range map[string]string{
		"empty":              "",
		"wrong check digit":  "110105194912310021",
		"too short":          "11010519491231002",
		"15 digits":          "110105491231002",
		"a letter inside":    "1101051949123100AX",
		"a day that is none": checked("11010519490230002"),
		"a month 13":         checked("11010519491331002"),
		"born tomorrow":      checked("11010520260304002"),
		"born in 1700":       checked("11010517000101002"),
		"region 0":           checked("01010519491231002"),
		"full-width digits":  "１１０１０５",
	} {
		if _, err := realname.ParseIDNumber(in, now); fault.CodeOf(err) != "ID_NUMBER_INVALID" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABirthTodayInChinaIsPast(t *testing.T) {
	lateInLondon := time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC) // 3 March in China
	if _, err := realname.ParseIDNumber(checked("11010520260303002"), lateInLondon); err != nil {
		t.Fatal(err)
	}
	if _, err := realname.ParseIDNumber(checked("11010520260303002"), now); err == nil {
		t.Fatal("a birth tomorrow was accepted")
	}
}

func TestAnIDNumberTellsBirthAndSex(t *testing.T) {
	n, err := realname.ParseIDNumber("11010519491231002X", now)
	if err != nil {
		t.Fatal(err)
	}
	if n.Born() != time.Date(1949, 12, 31, 0, 0, 0, 0, time.UTC) || n.Sex() != realname.Female {
		t.Fatalf("born %v, sex %v", n.Born(), n.Sex())
	}
	if n, err = realname.ParseIDNumber("440524188001010014", now); err != nil || n.Sex() != realname.Male {
		t.Fatalf("sex %v, %v", n.Sex(), err)
	}
}

// checked appends the check character by GB 11643's own formula, the sum of
// weights 2^(18-i), apart from the table in the code.
func checked(body string) string {
	sum := 0
	for i := range 17 {
		w := 1
		for range 17 - i {
			w = w * 2 % 11
		}
		sum += int(body[i]-'0') * w
	}
	return body + string("10X98765432"[sum%11])
}

func TestEveryWellFormedIDNumberIsReadAndOneWrongDigitIsSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 45000).Draw(t, "day"))
		body := fmt.Sprintf("%06d%s%03d", rapid.IntRange(110000, 659999).Draw(t, "area"), day.Format("20060102"), rapid.IntRange(0, 999).Draw(t, "serial"))
		number := checked(body)
		if _, err := realname.ParseIDNumber(strings.ToLower(number), now); err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, 16).Draw(t, "at")
		other := byte('0' + (int(number[at]-'0')+rapid.IntRange(1, 9).Draw(t, "by"))%10)
		wrong := number[:at] + string(other) + number[at+1:]
		if _, err := realname.ParseIDNumber(wrong, now); err == nil {
			t.Fatal("one wrong digit was not seen")
		}
	})
}

// demand: D28
func TestRealCreditCodesAreRead(t *testing.T) {
	for _, in := range []string{"91110108551385082Q", "91440300708461136T", "91330100799655058B", "91350100M000100Y43", "91350100m000100y43"} {
		if got, err := realname.ParseCreditCode(in); err != nil || string(got) != strings.ToUpper(in) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestCreditCodesThatCannotBeAreRefused(t *testing.T) {
	for _, in := range []string{"", "91110108551385082", "91110108551385082P", "9111010855138508IQ", "91350100M000100O43", "91350100M000100Y433"} {
		if _, err := realname.ParseCreditCode(in); fault.CodeOf(err) != "CREDIT_CODE_INVALID" {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestACreditCodeHasOneCheckCharacter(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching("["+alphabet+"]{17}").Draw(t, "body")
		good := 0
		for _, check := range alphabet {
			if _, err := realname.ParseCreditCode(body + string(check)); err == nil {
				good++
			}
		}
		if good != 1 {
			t.Fatalf("%d check characters fit", good)
		}
	})
}

func TestMasksShowNoMoreThanTheyMay(t *testing.T) {
	for name, c := range map[string]struct{ got, want string }{
		"surname":            {realname.MaskName("张三"), "张**"},
		"long name":          {realname.MaskName("张三丰"), "张**"},
		"compound surname":   {realname.MaskName("欧阳修"), "欧阳**"},
		"two characters":     {realname.MaskName("欧阳"), "欧**"},
		"no name":            {realname.MaskName(" "), ""},
		"ID number":          {realname.MaskIDNumber("11010519491231002X"), "1****************X"},
		"phone":              {realname.MaskPhone("13800005678"), "138****5678"},
		"short phone":        {realname.MaskPhone("12345678"), "********"},
		"bank account":       {realname.MaskBankAccount("6222000011112222333"), "***************2333"},
		"short bank account": {realname.MaskBankAccount("1234567"), "*******"},
		"nothing":            {realname.MaskPhone(""), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
}
