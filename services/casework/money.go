package casework

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Fen is money in fen (分), a hundredth of a yuan.
type Fen int64

// Yuan writes the amount in yuan with two decimals, such as "400.00".
func (f Fen) Yuan() string { return fmt.Sprintf("%d.%02d", f/100, f%100) }

// maxBill is the largest bill we take, in fen. Our choice: a million yuan is
// more than any fee we know, and less than what a slip of a decimal point can do
// to a company.
const maxBill Fen = 100_000_000

var yuanForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2}0*)?$`)

// parseYuan reads an amount in yuan without passing through a binary fraction,
// which knows no ten fen.
func parseYuan(text string) (Fen, bool) {
	if len(text) > 20 || !yuanForm.MatchString(text) {
		return 0, false
	}
	whole, part, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return Fen(n), err == nil && Fen(n) <= maxBill
}
