// Package scalar reads and writes the scalars of the schema. What it refuses
// it refuses by a code, without repeating what was sent.
package scalar

import (
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/licence"
)

// MarshalDateTime writes a moment in RFC 3339, UTC; the zero time is null.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return graphql.MarshalString(t.UTC().Format(time.RFC3339Nano))
}

// UnmarshalDateTime reads a moment; Invalid DATE_INVALID.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fault.New("scalar.DateTime", fault.Invalid, "DATE_INVALID")
	}
	return t.UTC(), nil
}

// MarshalDate writes a day; the empty one is null.
func MarshalDate(day string) graphql.Marshaler {
	if day == "" {
		return graphql.Null
	}
	return graphql.MarshalString(day)
}

// UnmarshalDate reads a day; Invalid DATE_INVALID.
func UnmarshalDate(v any) (string, error) {
	s, _ := v.(string)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fault.New("scalar.Date", fault.Invalid, "DATE_INVALID")
	}
	return s, nil
}

// MarshalLicenceDate writes a licence's day; the empty one is null.
func MarshalLicenceDate(day licence.Date) graphql.Marshaler { return MarshalDate(string(day)) }

// UnmarshalLicenceDate reads a day; Invalid DATE_INVALID.
func UnmarshalLicenceDate(v any) (licence.Date, error) {
	day, err := UnmarshalDate(v)
	return licence.Date(day), err
}

// MarshalAreaCode writes a region code.
func MarshalAreaCode(a ids.AreaCode) graphql.Marshaler { return graphql.MarshalString(string(a)) }

// UnmarshalAreaCode reads a region code; Invalid AREA_CODE_INVALID. Whether
// there is such a region the catalogue knows.
func UnmarshalAreaCode(v any) (ids.AreaCode, error) {
	s, _ := v.(string)
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			s = ""
		}
	}
	if len(s) != 6 {
		return "", fault.New("scalar.AreaCode", fault.Invalid, "AREA_CODE_INVALID")
	}
	return ids.AreaCode(s), nil
}
