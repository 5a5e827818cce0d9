package people

import "time"

// idChecks and idWeights are those of GB 11643-1999.
const idChecks = "10X98765432"

func idWeights() [17]int {
	return [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
}

// ValidIDNumber tells whether the number is 17 digits with a real date and the
// check character of GB 11643. A lower-case x is refused: it is stored upper-case.
func ValidIDNumber(number string) bool {
	if len(number) != 18 {
		return false
	}
	sum := 0
	for i, weight := range idWeights() {
		digit := number[i]
		if digit < '0' || digit > '9' {
			return false
		}
		sum += int(digit-'0') * weight
	}
	if _, err := time.Parse("20060102", number[6:14]); err != nil {
		return false
	}
	return number[17] == idChecks[sum%11]
}
