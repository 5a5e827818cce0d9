// Package provincehttp carries province's calls over HTTP.
//
// A source is hostile until proved otherwise: its address is checked at each
// dial, a redirect is an answer like any other, what it sends is read up to a
// limit before and after decompression, and every call ends with its context.
// Each app has connections of its own, so that one source's trouble is its own.
//
// A connection is kept while nothing is owed on it, and looked at before it is
// used again: an answer that nobody asked for would be read as the answer about
// the next person. What an answer is, net/http's parser says.
package provincehttp
