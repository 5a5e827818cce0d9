// Package miniprogram is the back end for the back ends of mini-apps: what a
// province's or ministry's team may ask of the person who has opened its app.
//
// A team comes with the token of a launch, made for this front alone
// (resource, RFC 8707). What it may ask is decided anew with each request by
// request, manifest and consent; what it is told, the person reads in their
// ledger. Its page has no business here: no answer is for a browser of another
// origin.
//
// Production runs trusted documents alone, the same for all mini-apps: what a
// document may cost is looked at when it is registered, and whose data it
// shows, the token decides.
package miniprogram
