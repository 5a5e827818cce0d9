// Package phone is a citizen's phone as a page: the whole main job in a mobile
// browser, in Chinese, in plain HTML, CSS and ES modules. Nothing is built and
// nothing is loaded from elsewhere.
//
// It owns no data. It signs in by the authorization code flow with PKCE as any
// public client does, keeps the access token in memory and the refresh token in
// the tab's sessionStorage, and runs trusted documents by their ids, which
// whoever serves it hands in. It knows the product by what it publishes and
// answers over HTTP.
//
// Words. A badge says how fresh a value is: 刚刚, 缓存于, 已过时, 暂不可用, and why.
// 长辈版 is a mode of this page: text from 20 px to 30 px, targets of 60 px and more.
//
// Invariants. What comes from outside reaches the screen as text, never as
// markup (the policy forbids the rest). A mini-app opens in a sandboxed frame,
// from an origin of the list and never from our own. No code and no word of
// another language is shown: what has no words here is said in general ones.
package phone
