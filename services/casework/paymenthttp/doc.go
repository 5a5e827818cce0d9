// Package paymenthttp speaks to the public payment platform over HTTP.
//
// Its protocol: POST <base>/v1/orders/{create,query,close,refund}. The body is a
// compact JWS (ES256, typ payment-request+jwt) by a key of the product's own
// published set, with iss = the merchant's number, aud = the base address, jti,
// iat, exp ≤ 60 s, and `op` with the call's members. The answer is a compact JWS
// (ES256, typ payment-answer+jwt) by a key of the platform's, with iss = the base
// address, aud = the merchant's number, req = the request's jti, and `code`: OK
// with `order`, or the platform's word for a failure.
//
// Invariants: nothing is believed that the platform did not sign as the answer to
// this very request; each call has a deadline and its answer a size limit; no
// redirect is followed; a request names an order and an amount, never a person.
package paymenthttp
