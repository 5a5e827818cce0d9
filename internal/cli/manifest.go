package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/province/mapping"
)

// operatorKey makes the key that signs manifests.
type operatorKey struct {
	Dir string `arg:"" type:"path" help:"Folder for KID.key.pem, which stays with you, and KID.jwks.json, which the platform registers."`
	Kid string `default:"operator-1" help:"The key's id; another key wants another."`
}

// Run makes the pair; an existing one is kept.
func (c *operatorKey) Run(s streams) error {
	private, public := filepath.Join(c.Dir, c.Kid+".key.pem"), filepath.Join(c.Dir, c.Kid+".jwks.json")
	if _, err := os.Stat(private); err == nil {
		return fmt.Errorf("%s is there already: a new key wants a new --kid", private)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	jwk, err := miniapp.PublicJWK(c.Kid, &key.PublicKey)
	if err != nil {
		return err
	}
	set, err := json.MarshalIndent(miniapp.JWKS{Keys: []miniapp.JWK{jwk}}, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	err = errors.Join(os.WriteFile(private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600),
		os.WriteFile(public, append(set, '\n'), 0o600))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "keep:     %s\nregister: %s\n", private, public)
	return nil
}

// manifestSign signs a manifest.
type manifestSign struct {
	Manifest string `arg:"" type:"existingfile" help:"The manifest; signed or not."`
	Key      string `required:"" type:"existingfile" help:"KID.key.pem of tongban app key."`
	Out      string `short:"o" type:"path" help:"Where to write it; to standard output by default."`
}

// Run signs under the key's id, which is its file's name.
func (c *manifestSign) Run(s streams) error {
	raw, err := os.ReadFile(c.Manifest)
	if err != nil {
		return err
	}
	key, err := readKey(c.Key)
	if err != nil {
		return err
	}
	signed, err := miniapp.Sign(raw, strings.TrimSuffix(filepath.Base(c.Key), ".key.pem"), key)
	if err != nil {
		return tell(c.Manifest, err)
	}
	if c.Out == "" {
		_, err = s.out.Write(signed)
		return err
	}
	return os.WriteFile(c.Out, signed, 0o600)
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	bad := fmt.Errorf("%s holds no P-256 key in PKCS #8 PEM", path)
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, bad
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok || key.Curve != elliptic.P256() {
		return nil, bad
	}
	return key, nil
}

// manifestCheck holds a manifest to the rules.
type manifestCheck struct {
	Manifest  string `arg:"" type:"existingfile" help:"The manifest; signed or not."`
	Operators string `type:"existingfile" help:"The platform's operators.json, to check the signature and what the operator may say too."`
	Loopback  bool   `help:"Let it name http addresses of this machine, as a demo does."`
}

// Run tells every finding by its place, or what the manifest declares.
func (c *manifestCheck) Run(s streams) error {
	raw, err := os.ReadFile(c.Manifest)
	if err != nil {
		return err
	}
	apps, _, err := drafts(c.Operators, c.Loopback)
	if err != nil {
		return err
	}
	m, err := apps.Inspect(raw)
	if err == nil && c.Operators != "" {
		_, err = apps.Check(raw)
	}
	if err != nil {
		return tell(c.Manifest, err)
	}
	fmt.Fprintf(s.out, "%s is well: %s, version %d, level %s\n", m.AppID, m.Name, m.Version.Code, m.Level)
	fmt.Fprintf(s.out, "  asks for        %s\n", named(m.Claims()))
	fmt.Fprintf(s.out, "  answers         %s\n", named(slices.Sorted(maps.Keys(m.Connector.Capabilities))))
	for _, child := range m.Connector.ChildEndpoints {
		fmt.Fprintf(s.out, "  in %s       %s: %s\n", child.Area, child.Name, named(child.Capabilities))
	}
	if c.Operators == "" {
		fmt.Fprintln(s.out, "  not checked     the signature: give --operators")
	}
	return nil
}

func named(names []string) string {
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ", ")
}

// drafts is a registry that keeps nothing.
func drafts(operators string, loopback bool) (*miniapp.Service, *mapping.Mapper, error) {
	known := map[string]miniapp.Registered{}
	if operators != "" {
		if err := config.ReadJSON(operators, &known); err != nil {
			return nil, nil, err
		}
	}
	mapper, err := mapping.New()
	if err != nil {
		return nil, nil, err
	}
	apps, err := miniapp.New(miniapp.Deps{Checker: mapper, Operators: known, Config: miniapp.Config{AllowLoopback: loopback}})
	return apps, mapper, err
}

// tell writes a refusal's findings, one a line, by their places.
func tell(path string, err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	lines := []string{path + ": " + f.Code}
	for _, place := range slices.Sorted(maps.Keys(f.Detail)) {
		lines = append(lines, "  "+place+": "+f.Detail[place])
	}
	return errors.New(strings.Join(lines, "\n"))
}
