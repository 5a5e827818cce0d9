package licence

import (
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/province"
)

// Status is what a licence is worth now.
type Status string

// The statuses.
const (
	Valid     Status = "VALID"
	Revoked   Status = "REVOKED"
	Suspended Status = "SUSPENDED"
	Expired   Status = "EXPIRED"
	// Unknown is a status the source gave in words we do not know.
	Unknown Status = "UNKNOWN"
)

// Date is a day in the calendar of China, "2006-01-02"; "" when not known, or
// without end.
type Date string

// Licence is one licence of one holder.
type Licence struct {
	ID           ids.LicenceID // opaque: a keyed hash of holder, type and number
	Number       string        // masked for display: the first and the last character
	TypeCode     string        // "" when the source gives none
	TypeName     string
	Name         string // of the certificate, where it has one of its own
	Issuer       string
	IssuedOn     Date
	ExpiresOn    Date // "" is without end
	MaskedHolder string
	Status       Status
	Province     ids.AreaCode
	App          ids.AppID
	AsOf         time.Time
	Freshness    province.Freshness
}

// SourceState says how one source's part of a shelf came.
type SourceState struct {
	App       ids.AppID
	Province  ids.AreaCode
	Name      string // the app's name, for people
	Freshness province.Freshness
	AsOf      time.Time
	Since     time.Time // since when it fails
	Reason    string    // a Reason code of province
	// Missing are records it knows and could not tell now.
	Missing []province.Missing
}

// DaysLeft gives how many days the licence still has, counted in China; the
// day itself is 0, what lapsed is negative. ok is false without an end.
func (l Licence) DaysLeft(now time.Time) (days int, ok bool) {
	end, err := time.ParseInLocation(time.DateOnly, string(l.ExpiresOn), china)
	if err != nil {
		return 0, false
	}
	y, m, d := now.In(china).Date()
	return int(end.Sub(time.Date(y, m, d, 0, 0, 0, 0, china)).Hours() / 24), true
}

// Shelf is all licences of one person, and of each source how fresh it is.
type Shelf struct {
	Licences []Licence
	Sources  []SourceState
}
