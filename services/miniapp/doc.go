// Package miniapp owns the plugin manifests (小程序清单): what a province, city,
// department or national system declares when it plugs in, and where each
// declaration stands in its life.
//
// Its words: a Manifest is the signed declaration; an App is one version of it
// with its digest and State; an operator is who signs, known by its unified
// social credit code; a Finding is one fault of a manifest, with the JSON
// pointer to its place.
//
// Invariants: nothing enters that its operator has not signed; a version never
// changes its bytes and never goes back; consent text, scopes, connector and
// tiles all derive from the manifest, so no right of an app stands anywhere
// else; each step of its life is kept with its time and by whom; a suspended
// app is served to nobody.
//
// It refuses to know persons, tokens, and how a province is called: the
// expressions of the capabilities are checked by a Checker it is given.
package miniapp
