package consent

import "slices"

// includes tells whether who agreed to before has no less agreed to u: the
// same purpose, no field more, kept no longer, not turned sensitive since, and
// the same body answering for it.
func includes(before, u Use) bool {
	return sameUse(before, u) && !slices.ContainsFunc(u.Claims, func(c string) bool {
		return !slices.Contains(before.Claims, c)
	})
}

// sameUse is includes without regard to the fields.
func sameUse(before, u Use) bool {
	return before.Purpose == u.Purpose && before.RetentionDays >= u.RetentionDays && (before.Sensitive || !u.Sensitive) &&
		(before.Operator == "" || u.Operator == "" || before.Operator == u.Operator)
}

func covered(by []Use, u Use) bool {
	return slices.ContainsFunc(by, func(b Use) bool { return includes(b, u) })
}

// missing gives the uses that the person is to be asked for: what was agreed
// to is not asked again, nor what was declined and can be done without.
func (c Consent) missing(uses []Use) []Use {
	list := []Use{}
	for _, u := range uses {
		if !u.Asked() || covered(c.Given, u) || u.Optional && covered(c.Asked, u) {
			continue
		}
		list = append(list, u)
	}
	return list
}

// granted gives the claims of u that c grants, in u's order.
func (c Consent) granted(u Use) []string {
	return only(u.Claims, func(claim string) bool {
		return slices.ContainsFunc(c.Given, func(g Use) bool { return sameUse(g, u) && slices.Contains(g.Claims, claim) })
	})
}

// with gives list with u, and without what u includes.
func with(list []Use, u Use) []Use {
	kept := slices.DeleteFunc(slices.Clone(list), func(b Use) bool { return includes(u, b) })
	return append(kept, u)
}

func only(claims []string, keep func(string) bool) []string {
	list := []string{}
	for _, c := range claims {
		if keep(c) && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

func sameUses(a, b []Use) bool {
	return slices.EqualFunc(a, b, func(x, y Use) bool {
		return x.What == y.What && x.Purpose == y.Purpose && x.Basis == y.Basis && x.Optional == y.Optional &&
			x.Sensitive == y.Sensitive && x.RetentionDays == y.RetentionDays && x.Operator == y.Operator && x.Until.Equal(y.Until) &&
			slices.Equal(x.Claims, y.Claims)
	})
}
