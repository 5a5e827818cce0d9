package cli

import (
	"os"
	"runtime"
)

// slack is memory that is asked for and never touched, so that it costs address
// space alone. The collector lets the heap grow by as much as is live before it
// runs again; a process that keeps 20 MB and makes 300 kB for a cold answer
// would collect a hundred times a second. Our choice: with it a third as often,
// for some 60 MB more of memory at most, however much is kept.
const slack = 64 << 20

// collectRarely holds the slack until the function it gives is called. Who sets
// GOGC has decided otherwise.
func collectRarely() func() {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	held := make([]byte, slack)
	return func() { runtime.KeepAlive(held) }
}
