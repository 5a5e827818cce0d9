// Package standin knows whether something that all processes share is there.
//
// A Switch lets calls ask it while it answers. After some failures in a row no
// call waits for it any more and what this process has stands in; one probe a
// second, beside the calls, finds it back.
//
// It refuses to know what is shared, and what stands in.
package standin
