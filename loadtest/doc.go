// Command loadtest measures what an answer of the product costs, beside two
// reference servers of its own, on this machine alone:
//
//	go run ./loadtest                 all of it, about five minutes
//	go run ./loadtest --quick         a first look, about a minute and a half
//	go run ./loadtest --matters       only what people do beside looking at their home
//	go run ./loadtest --first-screen  from a tap to the first useful screen, in Chromium
//
// It builds the product's binary and drives it as phones do, over HTTP. The
// outside world it needs (an identity source, eight provinces that answer with
// about 1 kB of JSON, manifests signed by itself) runs in this process. The
// references answer the same document from the same provinces: stock is gqlgen
// as its own guide sets it up, without sign-in; bare is net/http that fetches
// and concatenates. Before anything is timed, the answers are compared.
//
// The first screen is that of the real phone page of the demo, behind a relay
// that is 400 ms away and counts.
//
// It imports nothing of the product, so that sharing types cannot hide what a
// client would see. docs/performance.md explains the figures.
package main
