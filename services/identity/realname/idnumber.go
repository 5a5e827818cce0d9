package realname

import (
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
)

// IDNumber is a valid citizen's ID number of 18 characters, a trailing x
// stored as X. It is personal: it has no String method and belongs in no log.
type IDNumber string

// Sex is the sex that an ID number states.
type Sex int

// The sexes of GB/T 2261.1.
const (
	Male   Sex = 1
	Female Sex = 2
)

// chinaTime is the time in which a birth date is past: China has one zone.
var chinaTime = time.FixedZone("CST", 8*60*60)

const idChecks = "10X98765432"

var idWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// ParseIDNumber reads an ID number (GB 11643): 17 digits and a check character,
// with a birth date that exists and is not after now. Spaces around it are
// dropped, x becomes X. It fails with Invalid ID_NUMBER_INVALID.
func ParseIDNumber(s string, now time.Time) (IDNumber, error) {
	bad := fault.New("realname.ParseIDNumber", fault.Invalid, "ID_NUMBER_INVALID")
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 18 || s[0] == '0' {
		return "", bad
	}
	sum := 0
	for i, w := range idWeights {
		if s[i] < '0' || s[i] > '9' {
			return "", bad
		}
		sum += int(s[i]-'0') * w
	}
	if s[17] != idChecks[sum%11] {
		return "", bad
	}
	born, err := time.ParseInLocation("20060102", s[6:14], chinaTime)
	if err != nil || born.Year() < 1800 || born.After(now) {
		return "", bad
	}
	return IDNumber(s), nil
}

// Born gives the day of birth, at midnight UTC.
func (n IDNumber) Born() time.Time {
	t, _ := time.Parse("20060102", string(n[6:14])) // parsed before
	return t
}

// Sex gives the sex: the 17th digit is odd for men.
func (n IDNumber) Sex() Sex {
	if (n[16]-'0')%2 == 1 {
		return Male
	}
	return Female
}
