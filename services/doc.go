// Package services holds what the government does, one room per subject:
// no room knows HTTP, GraphQL, SQL, a job engine or a phone.
//
// The rooms stand in one total order, and a room imports only rooms to its
// right:
//
//	elderly > bundle > onecard > space > mydata > rating > casework > licence > sharing > province > access > miniapp > consent > mandate > catalogue > identity > ledger
//
// Where a room must cause something in one to its left, it appends an event
// in its unit of work. Rows are kept in <room>db, seen through the promises of
// the room's store.go; <room>test holds the suite that every store passes.
// Whatever needs the network stands beside its subject, as identity/oidcsource
// does.
package services
