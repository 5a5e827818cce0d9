package database

import "time"

// Micros gives t as the stores keep it: microseconds since 1970 in UTC, 0 for
// the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros gives back what Micros made, in UTC.
func FromMicros(i int64) time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(i).UTC()
}
