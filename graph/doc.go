// Package graph is the product's one GraphQL schema and its resolvers, thin: a
// resolver reads its arguments, asks a service and returns.
//
// schema/ has the schema, a file for each subject, and is the public document;
// gengql/ is generated from it. What a field's type is in Go, gqlgen.yml says:
// mostly the services' own types, so that nothing is copied from one struct to
// another. Rules belong to the services, rights to guard and the services, words
// of errors to answer; which front has which field is @front's.
package graph

//go:generate go tool gqlgen generate
