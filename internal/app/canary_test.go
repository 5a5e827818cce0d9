package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/crypt"
	"github.com/tongban/tongban/internal/telemetry"
	"github.com/tongban/tongban/services/access/signing"
)

// Keys go through files, the environment, errors, logs and panics; none of them
// may show one, whatever is wrong with it.
func TestNoKeyStandsInErrorsAndLogs(t *testing.T) {
	i := install(t)
	columns, err := os.ReadFile(i.conf.Columns)
	i.must(err)
	keys, err := crypt.ParseKeys(columns)
	i.must(err)
	signed, err := os.ReadFile(i.conf.Signing)
	i.must(err)
	file, err := signing.Parse(signed)
	i.must(err)
	secrets := []string{file.Seal.D, string(keys.Index), base64.StdEncoding.EncodeToString(keys.Index)}
	for _, k := range file.Keys {
		secrets = append(secrets, k.D)
	}
	for _, k := range keys.Columns {
		secrets = append(secrets, string(k), base64.StdEncoding.EncodeToString(k), strings.Trim(fmt.Sprint(k), "[]"))
	}
	t.Setenv("CANARY_COLUMNS", string(columns))
	t.Setenv("CANARY_SIGNING", string(signed))
	var said strings.Builder
	say := func(v any) { fmt.Fprintf(&said, "%v %+v %#v %q\n", v, v, v, v) }
	ring, err := crypt.NewRing(keys)
	i.must(err)
	signs, err := file.Ring()
	i.must(err)
	for _, v := range []any{keys, &keys, file, &file, ring, signs, signing.NewKeeper(signs), i.conf} {
		say(v)
	}
	start := func(c config.Config) {
		t.Helper()
		say(c)
		say(app.Preflight(t.Context(), c, telemetry.NewLogger(&i.log, slog.LevelDebug)))
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		i.must(err)
		running, err := app.Run(t.Context(), c, app.Options{Listener: ln, Log: telemetry.NewLogger(&i.log, slog.LevelDebug), Clock: clock.System{}, KeyPoll: time.Millisecond})
		say(err)
		if err == nil {
			i.must(running.Close(t.Context()))
		}
		_ = ln.Close()
	}
	env := i.conf
	env.Columns, env.Signing = "env:CANARY_COLUMNS", "env:CANARY_SIGNING"
	start(env)
	for _, spoil := range []func(text []byte) []byte{
		func(text []byte) []byte { return text[:len(text)-3] },                                       // cut
		func(text []byte) []byte { return append(bytes.Clone(text), text...) },                       // twice
		func(text []byte) []byte { return bytes.Replace(text, []byte(`": "`), []byte(`": "A`), -1) }, // other lengths
		func(text []byte) []byte { raw, _ := json.Marshal(string(text)); return raw },                // a string
		func(text []byte) []byte {
			return bytes.Replace(text, []byte(`"current"`), []byte(`"`+secrets[0]+`"`), 1)
		}, // a key for a name
	} {
		c := i.conf
		i.must(os.WriteFile(c.Columns, spoil(columns), 0o600))
		start(c)
		i.must(os.WriteFile(c.Columns, columns, 0o600))
		i.must(os.WriteFile(c.Signing, spoil(signed), 0o600))
		start(c)
		i.must(os.WriteFile(c.Signing, signed, 0o600))
	}
	all := said.String() + i.log.String()
	if len(all) < 2000 || !strings.Contains(all, "column-keys") {
		t.Fatalf("little was said: %s", all)
	}
	for n, secret := range secrets {
		if strings.Contains(all, secret) {
			t.Errorf("secret %d of %d is shown", n, len(secrets))
		}
	}
}
