// Package phone is a citizen's phone as a page: the whole main job in a mobile
// browser, in Chinese, in plain HTML, CSS and ES modules. Nothing is built and
// nothing is loaded from elsewhere.
//
// It owns no data. It signs in by the authorization code flow with PKCE as any
// public client does, for a person or an enterprise, keeps the access token in
// memory and the refresh token in the tab's sessionStorage, and runs trusted
// documents by their ids, which whoever serves it hands in. It knows the product
// by what it publishes and answers over HTTP.
//
// Words. A badge says how fresh a value is: 刚刚, 缓存于, 已过时, 暂不可用, and why.
// 长辈版 is a mode: it draws and speaks what the elderly front says, one thing at
// a time, in the sizes that the front asks for, up to 30 px; the standard screens
// stand in it, too, in the same letters. Acting for another by a mandate (授权代办)
// is a mode, too: a bar on every screen says for whom, and leads back.
//
// Invariants. What comes from outside reaches the screen as text, never as
// markup (the policy forbids the rest). A mini-app opens in a sandboxed frame,
// from an origin of the product's published list and never from our own. No code
// and no word of another language is shown: what has no words here is said in
// general ones. The tabs of one browser renew a sign-in one at a time, and one of
// them listens for all. A licence's code is drawn here, shown while somebody
// looks and gone when they leave. Nothing personal stands in an address. A token
// to act for another stands in the memory of one tab; what is asked by it is
// never asked by the person's own instead.
package phone
