package guard_test

import (
	"context"
	"testing"

	"github.com/tongban/tongban/graph/guard"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/reqctx"
)

// demand: D34
func TestAFieldIsClosedToDelegatesUnlessItSaysWhatOpensIt(t *testing.T) {
	delegate := func(scopes ids.Scopes) ids.Actor {
		return ids.Actor{Subject: "sub_mother", By: "sub_daughter", Mandate: "man_1", Scopes: scopes}
	}
	all := ids.Scopes("app:* licence matter:* space")
	for name, c := range map[string]struct {
		actor  ids.Actor
		acting []guard.Acting
		want   bool
	}{
		"oneself":                {ids.Actor{Subject: "sub_mother"}, nil, true},
		"an enterprise's agent":  {ids.Actor{Subject: "sub_firm", By: "sub_daughter", Role: ids.Agent}, nil, true},
		"a delegate":             {delegate(all), nil, false},
		"somebody":               {ids.Actor{Subject: "sub_mother", By: "sub_daughter"}, []guard.Acting{guard.ActingAny}, false},
		"scopes alone":           {ids.Actor{Subject: "sub_mother", By: "sub_daughter", Scopes: all}, []guard.Acting{guard.ActingSpace}, false},
		"any":                    {delegate("space"), []guard.Acting{guard.ActingAny}, true},
		"space":                  {delegate("space"), []guard.Acting{guard.ActingSpace}, true},
		"space without":          {delegate("app:* licence matter:*"), []guard.Acting{guard.ActingSpace}, false},
		"licence":                {delegate("licence"), []guard.Acting{guard.ActingLicence}, true},
		"licence without":        {delegate("app:* matter:* space"), []guard.Acting{guard.ActingLicence}, false},
		"a matter":               {delegate("matter:marriage"), []guard.Acting{guard.ActingMatter}, true},
		"a matter without":       {delegate("app:* licence space"), []guard.Acting{guard.ActingMatter}, false},
		"an app":                 {delegate("app:cn.gov.demo.p41"), []guard.Acting{guard.ActingApp}, true},
		"an app without":         {delegate("licence matter:* space"), []guard.Acting{guard.ActingApp}, false},
		"one of two":             {delegate("matter:marriage"), []guard.Acting{guard.ActingSpace, guard.ActingMatter}, true},
		"what nobody has named":  {delegate(all), []guard.Acting{"EVERYTHING"}, false},
		"a mandate that is over": {delegate(""), []guard.Acting{guard.ActingSpace, guard.ActingMatter, guard.ActingApp, guard.ActingLicence}, false},
	} {
		ctx := reqctx.With(t.Context(), reqctx.Facts{Actor: c.actor, Level: 4})
		asked := false
		_, err := guard.SignedIn(ctx, nil, func(context.Context) (any, error) { asked = true; return nil, nil }, nil, c.acting)
		if asked != c.want || !c.want && (!fault.Is(err, fault.Forbidden) || fault.CodeOf(err) != "ACTING_NOT_ALLOWED") {
			t.Errorf("%s: asked %v, %v", name, asked, err)
		}
	}
}
