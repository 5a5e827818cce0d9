package database

import (
	"database/sql/driver"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/fault"
)

// unkeepable stands in for a text that no engine should be asked for.
// PostgreSQL refuses NUL and broken UTF-8 as a failure of the statement, SQLite
// takes both; here they are whoever's fault sent them, on either.
type unkeepable struct{}

// Value fails with Invalid TEXT_INVALID.
func (unkeepable) Value() (driver.Value, error) {
	return nil, fault.New("database.text", fault.Invalid, "TEXT_INVALID")
}

// checked gives args, with unkeepable in the place of each text that can't be
// kept: so that a Row, which is made by the driver alone, fails as well.
func checked(args []any) []any {
	for i, a := range args {
		if keepable(a) {
			continue
		}
		args = append([]any(nil), args...) // the caller's stay its own
		args[i] = unkeepable{}
	}
	return args
}

func keepable(arg any) bool {
	s, ok := arg.(string)
	if !ok {
		v := reflect.ValueOf(arg)
		if v.Kind() != reflect.String {
			return true
		}
		s = v.String()
	}
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
