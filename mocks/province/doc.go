// Package province is the other side of every plug-in: the 31 provincial
// divisions of GB/T 2260 and the Corps (660000), each a real HTTP server of
// its own with its own people, records, faults and history.
//
// Beside them stand four national systems and a department that know everybody
// (Country.Systems), and cities of Jiangsu that answer for themselves under
// its manifest; each is found by Country.Province too.
//
// Hunan answers in pinyin XML with a code for each record, Fujian in GBK.
// Twelve divisions have a manifest of their own hand, each with its own names for
// everything; the others share a template. About half speak the signed
// national envelope (gjzwfwpt_ headers, {code,message,data}), the others plain
// REST with the platform's client assertion. All data is fictional.
//
// Words: the API listener is what the platform and citizens reach; the control
// listener is for tests and the demo only. A duplicate is a submission whose
// cooperation number the province already has.
//
// Invariants: one cooperation number has one effect however often it is sent;
// events of a case have growing numbers from 1 and go out in that order, each
// until it is acknowledged; every answer about a person says whose it is; with
// the same Seed, FirstPort and Version a manifest is the same byte for byte.
//
// It refuses to know anything of the product but what that publishes at its
// issuer address.
//
// # API listener
//
//	GET  /manifest.json            the signed manifest
//	GET  /operator/jwks.json       the operator's key, as registered out of band
//	POST <paths of the manifest>   the capabilities
//	GET  /app/login, /app/callback, /app/   the mini-app's back end and page
//	POST /app/events               takes the platform's signed events (RFC 8935)
//	GET  /app/me                   the mini-app's own API: who is this, while the token stands
//	GET  /app/form, POST /app/message       in three provinces: their own zone, by the platform's front
//	GET  /site/…, /download, /icon.svg      the province's own site and download
//
// # Control listener, all JSON
//
//	GET    /state                  who this is, its issuer, faults and sizes
//	GET    /history                every request received, oldest first
//	GET    /counts                 requests by kind and outcome, cases, duplicates, events
//	GET    /events                 the platform's events that were taken, oldest first
//	GET    /cases                  the cases with their events and deliveries
//	POST   /cases/{no}/advance     {"state","note","review_point"}: the next state, and its event
//	POST   /events/send            one event as told, once: {"case","seq","state","note",
//	                               "review_point","at","jti","iss","aud","typ","key"}; what is
//	                               left out is right; key "other" signs with a foreign key.
//	                               Answers {"status","body","jti"} of the product's answer
//	POST   /licences/status        {"person","kind","status"}: VALID, REVOKED or SUSPENDED from now on
//	POST   /faults                 {"mode","latency_ms","error_rate","paths"}: from now on
//	DELETE /faults                 all well again
//	POST   /kill, POST /restart    the API listener goes away, and comes back on its port
//
// Fault modes: ok (latency only; with an error_rate that share fails), error,
// garbage, silence (accepts and never answers until the client goes),
// wrong_person (another person's record), huge (64 MiB), slow_body (the right
// answer, a few bytes at a time), half_batch (every second record of a batch
// fails, in pinyin XML), wrong_charset (the label does not fit the bytes),
// bad_bytes (a character is cut), denied (events are refused for good). error_rate is the share of requests hit, 0
// means all; paths are prefixes of request paths, none means every path.
package province
