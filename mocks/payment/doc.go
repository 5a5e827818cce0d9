// Package payment is a unified public payment platform (统一公共支付平台) on
// loopback: it keeps merchants' orders, collects on a cashier's page, tells of
// what was paid, and gives back. No money is real; whoever confirms pays from
// 示例账户.
//
// Its words: an order has the merchant's own number, the business key; a trade is
// one movement of money for an order, a refund one back.
//
// Invariants: a number is one order, however often it is made; an order moves
// money once, whatever is pressed how often, unless control has a bank settle late
// or twice, as real ones do; a closed number is never paid by its cashier; a
// refund's number gives back once and never more than the trade; a notice is sent
// until it is taken (2xx).
//
// It refuses what the merchant did not sign, and knows nobody's name.
//
// # API listener
//
// POST /v1/orders/{create,query,close,refund}. The body is a compact JWS (ES256,
// typ payment-request+jwt) by a key at the merchant's <issuer>/oauth2/jwks: iss the
// merchant's number, aud this address, jti (taken once), iat, exp ≤ 60 s, op, and
//
//	create  order {number, amount_fen, title, expires_at, return_url}
//	query   order {number}
//	close   order {number}
//	refund  order {number}, refund {number, trade, amount_fen}
//
// The answer, 200, is a compact JWS (ES256, typ payment-answer+jwt) by a key of
// GET /v1/jwks: iss this address, aud the merchant's number, iat, exp, req the
// request's jti, code, and with code OK: order {number, amount_fen, state OPEN |
// PAID | CLOSED, cashier_url, trades [{number, amount_fen, at}], refunds [...]}.
// Other codes: ORDER_UNKNOWN, AMOUNT_DIFFERS, ORDER_CLOSED, TRADE_UNKNOWN,
// REFUND_EXCEEDS, REQUEST_INVALID. What is not signed as it must be is answered 401.
//
//	GET  /cashier/{secret}        the page, and what came of it
//	POST /cashier/{secret}        the person confirms
//
// A notice is a security event token (RFC 8417) pushed (RFC 8935) to the
// merchant's registered <issuer>/hooks/payments: iss this address, aud the issuer,
// iat, jti, events {"urn:tongban:event:order-paid": {order, trade, amount_fen, at}}.
//
// # Control listener, all JSON
//
//	GET    /orders                 every order with trades, refunds and notices
//	GET    /orders/{number}        one
//	POST   /orders/{number}/pay    a bank settles, whatever the order's state: late, or again
//	POST   /notices/send           {"order","trade","amount_fen","key","iss","aud"}: one notice as
//	                               told, once; key "other" signs with a foreign key
//	POST   /notices/release        what was held goes out, the newest first
//	GET    /history                every request and notice, oldest first
//	GET    /counts                 orders, creates, trades, refunds, notices
//	POST   /faults, DELETE /faults {"api","latency_ms","notices"}
//
// Faults of the API: ok, error (503), silence, garbage, unsigned (right, by an
// unknown key), deaf (acts and never answers). Of notices: ok, lost, doubled, held.
package payment
