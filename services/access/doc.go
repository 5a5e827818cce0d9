// Package access lets clients in: it is the product's authorization server.
//
// It owns clients as OAuth sees them (our mobile app, each published mini-app by
// its manifest, each officer of a registered verifier), sign-in requests on
// their way to an identity source, authorization codes, refresh tokens, launches
// of mini-apps (the handle, the pushed request, the grant) and the access and ID
// tokens it signs.
//
// Its words: a handle proves once, for at most a minute, which signed-in person
// opens which mini-app; a grant is what one redeemed code gave to one mini-app;
// a pairwise subject (成对标识) is the name of a person that only one mini-app
// knows; a visit (到访) is what a grant's token for our own front stands for, and a
// permit what a visit may be told now.
//
// Its invariants:
//   - a code, a handle, a pushed request, an assertion and a refresh token work
//     once; of parallel uses exactly one wins, and a second use of a code or of
//     a refresh token ends what the first one gave;
//   - nothing secret is stored as it is, only its keyed hash;
//   - a mini-app gets scopes = request ∩ manifest ∩ consent, and nothing at all
//     where the ledger can't write it down;
//   - a token for a mini-app carries neither our subject nor our session id;
//   - who opens a mini-app sees no page and gets no cookie.
//
// It refuses to know HTTP, SQL, what an identity source is, what a mini-app's
// manifest says beyond gov_token, and which fields a consent text shows.
package access
