package realname

import (
	"strings"

	"github.com/tongban/tongban/internal/fault"
)

// CreditCode is a valid unified social credit code of 18 characters.
type CreditCode string

const (
	creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	creditBase     = 31
)

// ParseCreditCode reads a credit code (GB 32100): 17 characters and a check
// character, of digits and capitals without I, O, S, V, Z; small letters become
// capitals. It fails with Invalid CREDIT_CODE_INVALID.
func ParseCreditCode(s string) (CreditCode, error) {
	bad := fault.New("realname.ParseCreditCode", fault.Invalid, "CREDIT_CODE_INVALID")
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 18 {
		return "", bad
	}
	check, ok := creditCheck(s[:17])
	if !ok || s[17] != check {
		return "", bad
	}
	return CreditCode(s), nil
}

func creditCheck(body string) (byte, bool) {
	sum, weight := 0, 1
	for i := range len(body) {
		v := strings.IndexByte(creditAlphabet, body[i])
		if v < 0 {
			return 0, false
		}
		sum += v * weight
		weight = weight * 3 % creditBase
	}
	return creditAlphabet[(creditBase-sum%creditBase)%creditBase], true
}
