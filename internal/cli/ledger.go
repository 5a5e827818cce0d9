package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/telemetry"
	"github.com/tongban/tongban/services/ledger"
)

// recordOfUses is for who checks what a person exported, and for operators.
type recordOfUses struct {
	Verify verifyLedger `cmd:"" help:"Check an export of a person's ledger: nothing changed, removed, put in or cut off. Needs no database."`
	Prune  pruneLedger  `cmd:"" help:"Remove entries older than three years, leaving a signed head that stands for them."`
}

type verifyLedger struct {
	File   string `arg:"" type:"existingfile" help:"The export: the documents of exportLedger, one behind the other."`
	Keys   string `xor:"keys" required:"" type:"existingfile" help:"JWK Set with the issuer's public keys, as its /.well-known/tongban-ledger.jwks.json gives it."`
	Issuer string `xor:"keys" required:"" help:"Base URL of the issuer, to fetch its keys from; the export must be its own."`
}

// fetchWithin is how long the issuer may take to give its keys. Our choice.
const fetchWithin = 10 * time.Second

// maxKeys is the longest key set that is read, in bytes. Our choice: a thousand
// keys have 200 kB.
const maxKeys = 1 << 20

// Run checks the export and tells what it holds, or the first entry that does
// not hold.
func (c *verifyLedger) Run(ctx context.Context, s streams) error {
	jwks, err := c.keys(ctx)
	if err != nil {
		return err
	}
	open, err := app.OpenHead(jwks)
	if err != nil {
		return fmt.Errorf("the keys: %w", err)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	report, err := ledger.ReadExport(f, open, func(entries int64) { fmt.Fprintf(s.err, "%d entries hold\n", entries) })
	if err != nil {
		return told(err)
	}
	if c.Issuer != "" && strings.TrimSuffix(c.Issuer, "/") != report.Issuer {
		return fmt.Errorf("the export is of %s, not of %s", report.Issuer, c.Issuer)
	}
	fmt.Fprintf(s.out, "%d entries hold (%d to %d), by %d signed heads of %s\ncomplete as of %s\n",
		report.Entries(), report.From, report.To, report.Heads, report.Issuer, report.AsOf.Format(time.RFC3339))
	if report.From > 1 {
		fmt.Fprintf(s.out, "entries 1 to %d are not in it: a signed head stands for them\n", report.From-1)
	}
	return nil
}

// told says what a broken export's code means.
func told(err error) error {
	broken, ok := errors.AsType[*fault.Error](err)
	if !ok || broken.Code != "LEDGER_EXPORT_BROKEN" {
		return err
	}
	say := map[string]string{
		"changed":    "is not what was signed, or one before it since the last signed head",
		"missing":    "is not where it belongs: it was removed, moved, or something was put in",
		"foreign":    "is of another person or issuer",
		"signature":  "and what follows end in a signed head that these keys did not sign",
		"cut_off":    "is where the export was cut off, or its next document is missing",
		"unreadable": "can't be read",
	}[broken.Detail["why"]]
	return fmt.Errorf("entry %s %s", broken.Detail["seq"], say)
}

func (c *verifyLedger) keys(ctx context.Context) ([]byte, error) {
	if c.Keys != "" {
		return os.ReadFile(c.Keys)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.Issuer, "/")+ledger.KeysPath, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("the issuer sends elsewhere for its keys")
	}}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the issuer answers %d when asked for its keys", answer.StatusCode)
	}
	return io.ReadAll(io.LimitReader(answer.Body, maxKeys))
}

type pruneLedger struct {
	Before   string `required:"" help:"Day before which entries are removed, such as 2023-01-01 (UTC); at least three years ago."`
	Database string `env:"TONGBAN_DATABASE" required:"" help:"The processes' database: sqlite:PATH or postgres://…"`
	Columns  string `name:"column-keys" env:"TONGBAN_COLUMN_KEYS" required:"" help:"File with the keys of personal columns, or env:NAME."`
	Signing  string `name:"signing-keys" env:"TONGBAN_SIGNING_KEYS" required:"" help:"File with the keys that sign tokens, and heads, or env:NAME."`
	Issuer   string `env:"TONGBAN_ISSUER" required:"" help:"Public base URL of the processes."`
}

// Run prunes and tells how much went.
func (c *pruneLedger) Run(ctx context.Context, s streams) error {
	before, err := time.Parse(time.DateOnly, c.Before)
	if err != nil {
		return fmt.Errorf("--before must be a day such as 2023-01-01")
	}
	done, err := app.PruneLedger(ctx, config.Config{Database: c.Database, Columns: c.Columns, Signing: c.Signing, Issuer: c.Issuer}, telemetry.NewLogger(s.err, 0), before)
	if fault.CodeOf(err) == "LEDGER_RETENTION" {
		return fmt.Errorf("refused: entries are kept for %d years", ledger.RetentionYears)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d entries of %d persons and enterprises removed; signed heads stand for them\n", done.Entries, done.Chains)
	return nil
}
