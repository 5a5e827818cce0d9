package province

import (
	"strings"
	"time"

	"github.com/tongban/tongban/mocks/people"
)

// What is due for an item that costs something: demonstration values, as the
// product's guide has them for 社保缴费.
const (
	dueAmount yuan = 400_00
	dueWithin      = 7 * 24 * time.Hour
)

// bill says what is due for an item, until when.
func (p *Province) bill(item string, _ people.Person) record {
	return record{
		"bill_amount": dueAmount, "bill_title": p.titleOf(item) + ":城乡居民基本养老保险费(示例)",
		"bill_until": p.now().Add(dueWithin),
	}
}

// billed is the item of a capability that says what is due.
func billed(capability string) (item string, ok bool) { return strings.CutPrefix(capability, "bill.") }
