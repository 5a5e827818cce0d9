// Package mocks holds the outside world, each part a real server on loopback
// with state, faults and a history: provinces, an identity source, Google's
// push service, Redis, a payment office, a citizen's phone.
//
// A mock knows the product only as its neighbours know it, by what the product
// publishes and says over HTTP. Nothing below this folder imports anything of
// the product: sharing its types would share its bugs. Everybody and everything
// in here is fictional.
package mocks
