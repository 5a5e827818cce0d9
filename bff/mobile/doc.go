// Package mobile is the back end of the app of citizens and agents: the part of
// the schema tagged MOBILE, at /mobile/graphql.
//
// operations/ has the documents that the app's teams registered, one file for
// each screen or act; production runs nothing else. schema.golden.graphql is
// the contract with them: it only grows.
package mobile
