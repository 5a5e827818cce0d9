package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type commands struct {
	Demo       demo         `cmd:"" help:"Run the product with the outside world beside it, on this machine alone."`
	Serve      serve        `cmd:"" help:"Run the product alone."`
	Signin     signin       `cmd:"" help:"Sign a demo person in and print the tokens."`
	Call       call         `cmd:"" help:"Run a document on a front, with a proof of the token's key: for scripts."`
	Keys       keys         `cmd:"" help:"Make the key files that serve needs."`
	Operations operate      `cmd:"" help:"Register the documents that a client's app runs."`
	Ledger     recordOfUses `cmd:"" help:"Check a person's exported record of data uses; prune old entries."`
	Mandates   mandates     `cmd:"" help:"Look after mandates (授权代办)."`
	App        miniApp      `cmd:"" help:"Write, check, try and sign a mini-app's manifest; suspend and resume it."`
}

// streams are where a command writes.
type streams struct{ out, err io.Writer }

// Main runs the command line and gives the exit code: 0 done, 1 failed, 2 the
// words of the call were off. An interrupt ends a command cleanly.
func Main(args []string, out, errOut io.Writer) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c, kong.Name("tongban"), kong.Writers(out, errOut), kong.UsageOnError(),
		kong.Description("通办: the open back end of a national government super-app. Start with `tongban demo`."),
		kong.Exit(func(code int) { exit = code }))
	if err != nil {
		fmt.Fprintln(errOut, "tongban:", err)
		return 1
	}
	run, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		var wrong *kong.ParseError
		if errors.As(err, &wrong) {
			_ = wrong.Context.PrintUsage(true)
		}
		fmt.Fprintln(errOut, "tongban:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run.BindTo(ctx, (*context.Context)(nil))
	if err := run.Run(streams{out, errOut}); err != nil {
		fmt.Fprintln(errOut, "tongban:", err)
		return 1
	}
	return 0
}
