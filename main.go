// Command tongban is the open back end of a national government super-app:
// one space, one token, every province plugged in.
package main

import (
	"os"

	"github.com/tongban/tongban/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
}
