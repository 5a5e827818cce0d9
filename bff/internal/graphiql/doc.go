// Package graphiql is the page on which developers try a front: GraphiQL, with
// all it needs in this program, since a demo has no internet. It is for the dev
// profile; production has no use for it and doesn't serve it.
//
// It refuses to know any schema: the page asks the front as any client does,
// with the bearer token typed into its headers field.
package graphiql
