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
// permit what a visit may be told now; a place is where a grant's status stands
// in a status list (状态列表), and a receiver what an app names to be told by
// signed events that a grant ended.
//
// Its invariants:
//   - a code, a handle, a pushed request, an assertion and a refresh token work
//     once; of parallel uses exactly one wins, and a second use of a code or of
//     a refresh token ends what the first one gave;
//   - nothing secret is stored as it is, only its keyed hash;
//   - a mini-app gets scopes = request ∩ manifest ∩ consent, and where somebody
//     acts for another only what a standing mandate opens; nothing at all where
//     the ledger can't write it down;
//   - act is never deeper than one, who acts by a mandate does so at their own
//     level, in their own session, on their own device, and no longer than it stands;
//   - a token for a mini-app carries neither our subject nor our session id;
//   - who opens a mini-app sees no page and gets no cookie;
//   - what a token rests on is asked at each use of it with us; that grants end
//     by event only tells those who do not ask: status lists and receivers;
//   - two apps that compare their events, or their lists, find no value in common.
//
// It refuses to know HTTP, SQL, what an identity source is, what a mini-app's
// manifest says beyond gov_token, and which fields a consent text shows.
package access
