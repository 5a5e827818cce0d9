package graph

import (
	"unicode/utf8"

	"github.com/tongban/tongban/graph/gengql"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/ledger"
)

const (
	// homeCases is how many of a person's own cases the home screen shows.
	homeCases = 10
	// maxText is how long a text to search by may be, in characters.
	maxText = 50
)

// usesOf gives the ledger's filter.
func usesOf(in *gengql.LedgerFilter) ledger.Filter {
	if in == nil {
		return ledger.Filter{}
	}
	return ledger.Filter{
		Kind: value(in.Kind), Receiver: value(in.Receiver), Item: value(in.Item), Purpose: value(in.Purpose), From: value(in.From), Until: value(in.Until),
	}
}

// value gives what p points to, or the zero value where it points nowhere.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// filterOf gives the catalogue's filter; Invalid FILTER_INVALID for a text that is too long.
func filterOf(in *gengql.ItemFilter) (catalogue.Filter, error) {
	if in == nil {
		return catalogue.Filter{}, nil
	}
	f := catalogue.Filter{Subject: in.Subject, Zone: in.Zone}
	if in.Region != nil {
		f.Region = *in.Region
	}
	if in.Text != nil {
		f.Text = *in.Text
	}
	if utf8.RuneCountInString(f.Text) > maxText {
		return catalogue.Filter{}, fault.New("graph.filterOf", fault.Invalid, "FILTER_INVALID")
	}
	return f, nil
}
