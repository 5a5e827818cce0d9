// Package eventhttp pushes signed events to apps' back ends (RFC 8935).
//
// A receiver is hostile until proved otherwise: its address is checked at each
// dial, a redirect is a refusal like any other, what it answers is read up to a
// limit, each push ends with its deadline, and an app has few of them at once,
// so that one that hangs holds up no other. No push is made within a unit of work.
package eventhttp
