// Package guomi signs and verifies by SM2 with SM3 (国密, GB/T 32918), behind
// signing.Signer. It is experimental: the library is of 2022 and certified by
// nobody.
//
// JOSE has registered no algorithm for SM2, so what is signed here is for our
// own reading alone: the algorithm's name "SM2" and the curve's are ours, a
// signing.Ring refuses such a key (it never stands in the JWKS, in discovery or
// over a token), and signing.Verify knows no such algorithm.
package guomi
