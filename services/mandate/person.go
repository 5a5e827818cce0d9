package mandate

import (
	"context"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/realname"
)

const (
	// adult is from when a person acts for others (民法典 §17, §18).
	adult = 18
	// ownWord is from when a child's word on its own data counts (个人信息保护法 §31).
	ownWord = 14
)

// chinaTime is where birthdays are counted.
var chinaTime = time.FixedZone("CST", 8*60*60)

// checked gives the account of somebody whose ID number or credit code a source
// has checked. It fails with Forbidden LEVEL_TOO_LOW.
func (s *Service) checked(ctx context.Context, subject ids.SubjectID) (identity.Account, error) {
	account, err := s.d.Accounts.Account(ctx, subject)
	if err == nil && !account.Checked() {
		return identity.Account{}, fault.New("mandate.checked", fault.Forbidden, "LEVEL_TOO_LOW").With("level_min", strconv.Itoa(identity.LevelChecked))
	}
	return account, err
}

// age gives the full years of a checked person at now; 0 for an enterprise.
func age(account identity.Account, now time.Time) int {
	number, err := realname.ParseIDNumber(account.Profile.IDNumber, now)
	if err != nil {
		return 0
	}
	born, today := number.Born(), now.In(chinaTime)
	years := today.Year() - born.Year()
	if today.Month() < born.Month() || today.Month() == born.Month() && today.Day() < born.Day() {
		years--
	}
	return years
}

// gives fails with Forbidden MANDATE_KIND_UNFIT where such a principal gives no
// such mandate.
func gives(account identity.Account, kind Kind, now time.Time) error {
	fits := false
	switch {
	case account.Kind == identity.Enterprise:
		fits = kind == Company
	case age(account, now) < adult:
		fits = kind == Guardian
	default:
		fits = kind == Family || kind == Village
	}
	if !fits {
		return fault.New("mandate.gives", fault.Forbidden, "MANDATE_KIND_UNFIT")
	}
	return nil
}

// takes fails with Forbidden MANDATE_KIND_UNFIT where such a person acts for nobody.
func takes(account identity.Account, now time.Time) error {
	if account.Kind != identity.Person || age(account, now) < adult {
		return fault.New("mandate.takes", fault.Forbidden, "MANDATE_KIND_UNFIT")
	}
	return nil
}
