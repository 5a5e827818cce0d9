// Package open is what anybody may read without a token: the published form of
// a manifest, against which a province checks its own before handing it in, and
// the page to which the link of a show code leads any camera.
//
// It also lists the mini-apps that open, with their origins, so that whoever
// shows one allows exactly those.
//
// And it gives the status lists by which a mini-app's back end sees that a
// token ended.
//
// Its answers are the same for everybody and change nothing.
package open
