package signing

// Wrong is what is wrong with a token or a proof, in words of ours that hold
// nothing of it: they may be told to whoever made it. No other error may.
type Wrong string

// Error gives the words.
func (w Wrong) Error() string { return string(w) }
