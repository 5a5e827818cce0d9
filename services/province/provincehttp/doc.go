// Package provincehttp carries province's calls over HTTP.
//
// A source is hostile until proved otherwise: its address is checked at each
// dial, a redirect is an answer like any other, what it sends is read up to a
// limit after decompression, and every call ends with its context. Each app
// has connections of its own, so that one source's trouble is its own.
package provincehttp
