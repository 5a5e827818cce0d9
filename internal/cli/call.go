package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/journey"
)

// call runs one document on a front, for scripts: with a proof for the request
// where there is a key, and without one where the token is a bearer token.
type call struct {
	frontFlag
	Issuer    string `required:"" env:"TONGBAN_ISSUER" help:"Base URL of the product, such as http://127.0.0.1:8080."`
	Document  string `xor:"what" help:"File with a GraphQL document; - reads it from standard input. The production profile takes trusted ones only."`
	Operation string `xor:"what" help:"Name of one of the documents that the front has from the start, such as Home."`
	Variables string `help:"The variables, as a JSON object."`
	Token     string `xor:"token" env:"TONGBAN_TOKEN" help:"The access token."`
	Tokens    string `xor:"token" type:"existingfile" help:"File with the answer of tongban signin."`
	Key       string `type:"existingfile" help:"File with the key that the token is bound to, as tongban signin --key makes it. Without it the token is shown as a bearer token, which only the dev profile takes."`
	Language  string `default:"zh" help:"The answer's language: zh or en."`
}

// Help says how the pieces go together.
func (call) Help() string {
	return `For example:

  tongban signin --issuer http://127.0.0.1:8080 --person 张示例 --key device.json > tokens.json
  tongban call --issuer http://127.0.0.1:8080 --operation Home --tokens tokens.json --key device.json

The answer goes to standard output as it came. The exit code is 1 where it holds errors.`
}

// Run asks, prints the answer, and fails where the answer has errors.
func (c *call) Run(ctx context.Context, s streams) error {
	phone, err := c.phone()
	if err != nil {
		return err
	}
	request, err := c.request()
	if err != nil {
		return err
	}
	answer, err := phone.Send(ctx, request)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s\n", bytes.TrimSpace(answer.Raw))
	if len(answer.Errors) > 0 {
		return fmt.Errorf("the answer (%d) has errors: %s%s", answer.Status, answer.Errors[0].Code(), advice(answer.Errors[0].Code()))
	}
	return nil
}

// advice says what a caller does about the usual codes.
func advice(code string) string {
	switch code {
	case "TOKEN_EXPIRED", "SESSION_ENDED", "SIGN_IN_REQUIRED":
		return ": sign in again, as tongban signin does, and name the new token"
	case "TOKEN_INVALID":
		return ": the token is not of this product and front, or it is bound to a key and --key is missing"
	case "DPOP_PROOF_INVALID":
		return ": --key is not the one that the token is bound to, --issuer is not the product's public address, or this machine's clock is off"
	case "OPERATION_UNKNOWN":
		return ": the production profile runs trusted documents only"
	}
	return ""
}

func (c *call) phone() (*journey.Phone, error) {
	issuer := strings.TrimRight(c.Issuer, "/")
	p := journey.NewPhone(issuer, issuer+"/"+c.Front+"/graphql", nil)
	p.Device, p.Language = nil, c.Language
	if c.Key != "" {
		device, err := readDevice(c.Key)
		if err != nil {
			return nil, err
		}
		p.Device = device
	}
	p.Tokens.AccessToken = c.Token
	if c.Tokens != "" {
		raw, err := os.ReadFile(c.Tokens)
		if err != nil {
			return nil, fmt.Errorf("tokens: %w", err)
		}
		if err := json.Unmarshal(raw, &p.Tokens); err != nil || p.Tokens.AccessToken == "" {
			return nil, fmt.Errorf("tokens: %s is not what tongban signin prints", c.Tokens)
		}
	}
	return p, nil
}

// request is the body of the call.
func (c *call) request() (map[string]any, error) {
	out := map[string]any{}
	if c.Variables != "" {
		var variables map[string]any
		if err := json.Unmarshal([]byte(c.Variables), &variables); err != nil {
			return nil, errors.New("variables: not a JSON object")
		}
		out["variables"] = variables
	}
	switch {
	case c.Document != "":
		text, err := readDocument(c.Document)
		if err != nil {
			return nil, fmt.Errorf("document: %w", err)
		}
		out["query"] = string(text)
	case c.Operation != "":
		known, err := c.front().Operations()
		if err != nil {
			return nil, err
		}
		id, has := known[c.Operation]
		if !has {
			return nil, fmt.Errorf("operation: the %s front has no %s, but %s", c.Front, c.Operation, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		out["extensions"] = map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": id}}
	default:
		return nil, errors.New("name what to run: --document FILE or --operation NAME")
	}
	return out, nil
}

func readDocument(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}
