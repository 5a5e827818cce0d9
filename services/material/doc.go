// Package material owns what a person adds to a matter by their own hand: the
// files they give (上传材料) and the documents they sign (签署材料).
//
// Its words: an upload is one file asked for by name, size and hash before a
// byte is sent; an attempt is one try at sending it; a signature is the
// person's confirmed act over the exact bytes of a document; a seal (电子签章)
// is the platform's JWS over that act, which anyone can check.
//
// Invariants: the content of an upload is what was announced, byte for byte,
// or nothing; of any number of attempts one becomes the content; an upload and
// a signature belong to one person, one item, one region and one material, and
// answer one case, joined to it in the case's own unit; files and texts are
// sealed with a key of the ring, each piece for its place; nobody learns of
// another's, not even that it exists; a key that ever sealed stays known, and
// what was not used is forgotten.
//
// A seal says that somebody signed in at a real-name level read these bytes in
// the app and confirmed them. The key is the platform's: it is not yet a
// certificate in the person's own hand.
//
// It refuses to know what an item asks for and how a document is worded
// (onecard and catalogue do), and how bytes travel.
package material
