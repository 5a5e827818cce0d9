// Package open is what anybody may read without a token: the published form of
// a manifest, against which a province checks its own before handing it in.
//
// Its answers are the same for everybody and may be cached.
package open
