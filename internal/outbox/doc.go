// Package outbox hands events from one room to others (发件箱): a room appends
// an event in its unit of work, and each subscriber's handler runs after the
// commit, at least once, apart from the others.
//
// Its words: an Event is a JSON value with a kind such as
// "casework.case_moved"; a subscriber is a room that wants it, such as "push".
// One append makes one job for each subscriber, of kind
// "casework.case_moved.push", so that a failing subscriber holds up no other.
//
// Invariants: no event without its unit's commit, no commit without its
// events; the id of an event is the same for all subscribers and attempts, so
// handlers recognise what they did already. The order of events is not kept.
//
// It refuses to know what runs the jobs and what events mean. Events hold ids,
// nothing personal: payloads are stored as they are.
package outbox
