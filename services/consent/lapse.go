package consent

import (
	"slices"
	"time"
)

// For how many years an agreement stands. Our choice: a person remembers what
// they agreed to, and a sensitive use is a matter to look at again each year.
const (
	SensitiveYears = 1
	PlainYears     = 3
)

// agreedAt gives u as it is agreed to at the time.
func (u Use) agreedAt(t time.Time) Use {
	u.Until = u.lapsesAfter(t)
	return u
}

func (u Use) lapsesAfter(t time.Time) time.Time {
	if u.Sensitive {
		return t.AddDate(SensitiveYears, 0, 0)
	}
	return t.AddDate(PlainYears, 0, 0)
}

// until gives when an agreed use of c lapses. One of before agreements had an
// end counts from when the consent was first given.
func (c Consent) until(u Use) time.Time {
	if u.Until.IsZero() {
		return u.lapsesAfter(c.GivenAt)
	}
	return u.Until
}

// at gives c without what has lapsed at the time: it is neither given nor asked
// any more, so it is asked again.
func (c Consent) at(now time.Time) Consent {
	var lapsed, given []Use
	for _, u := range c.Given {
		if now.Before(c.until(u)) {
			given = append(given, u)
		} else {
			lapsed = append(lapsed, u)
		}
	}
	c.State = Stands
	switch {
	case !c.WithdrawnAt.IsZero():
		c.State = Ended
	case len(lapsed) > 0 && len(given) == 0:
		c.State = Lapsed
	}
	if len(lapsed) == 0 {
		return c
	}
	c.Given = append([]Use{}, given...)
	c.Asked = slices.DeleteFunc(slices.Clone(c.Asked), func(a Use) bool {
		return slices.ContainsFunc(lapsed, func(l Use) bool { return includes(a, l) })
	})
	return c
}

// LapsesAt gives when the last of what was agreed to lapses, or has; zero where
// nothing was.
func (c Consent) LapsesAt() time.Time {
	var last time.Time
	for _, u := range c.Given {
		if t := c.until(u); t.After(last) {
			last = t
		}
	}
	return last
}

// shown gives c with its state and the end of each agreement, for its owner.
func (c Consent) shown(now time.Time) Consent {
	c.State = c.at(now).State
	c.Given = slices.Clone(c.Given)
	for i, u := range c.Given {
		c.Given[i].Until = c.until(u)
	}
	return c
}
