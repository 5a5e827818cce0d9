package mandate

import (
	"slices"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/ledger"
)

// Basis is what the ledger says a delegate's act rests on.
const Basis = "本人授权代办"

// Use is the ledger's entry of what a delegate gets to see or does itself, by
// the names of the fields. What a delegate hands to somebody else is an entry of
// that receiver, with By.
func Use(actor ids.Actor, purpose string, fields []string) ledger.Entry {
	return ledger.Entry{
		Subject: actor.Subject, By: actor.By,
		Receiver: ledger.Receiver{Kind: ledger.Delegate, ID: string(actor.Mandate), Name: "代办人"},
		Purpose:  purpose, Fields: fields, Basis: Basis,
	}
}

// Begun is the entry of a token that lets a delegate act for some minutes: what
// it may look at meanwhile, by the first word of each scope.
func Begun(m Mandate) ledger.Entry {
	fields := []string{}
	for _, scope := range m.Scopes.List() {
		if kind := scope.Kind(); !slices.Contains(fields, kind) {
			fields = append(fields, kind)
		}
	}
	return Use(m.Actor(), "代办人开始代为办理", fields)
}
