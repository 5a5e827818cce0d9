// Package gate bounds how often one network may ask for what is given before
// anybody has proved who they are.
//
// A network is wide: a whole town may stand behind one address, and a
// province's back end opens mini-apps for all its people. So a bucket is meant
// to stop floods, never a crowd.
package gate
