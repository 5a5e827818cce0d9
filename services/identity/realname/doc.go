// Package realname knows the numbers by which a person or an enterprise is
// known in China, their check characters, and how they are shown masked.
//
// Its words: ID number (公民身份号码, GB 11643), credit code
// (统一社会信用代码, GB 32100). It refuses to know whose number one is.
package realname
