// Package elderly is the back end of the app's mode for older persons (长辈版):
// the part of the schema tagged ELDERLY, at /elderly/graphql.
//
// Its screens are a home of at most six things, and then one thing at a time;
// the server says what each button does, so that a client only draws and
// speaks. It is the same app, with the same sign-in and the same token: going
// from one mode to the other is one tap. Its refusals are told in words.json,
// shorter and plainer than elsewhere.
package elderly
