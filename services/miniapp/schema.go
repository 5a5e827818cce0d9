package miniapp

import (
	"bytes"
	_ "embed" // the schema is published from here
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

//go:embed manifest.schema.json
var schemaText []byte

// Schema gives the JSON Schema of a manifest, for publishing.
func Schema() []byte { return bytes.Clone(schemaText) }

const schemaURL = "urn:tongban:manifest.schema.json"

func compileSchema() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		return nil, fmt.Errorf("miniapp: manifest schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaURL, doc); err != nil {
		return nil, fmt.Errorf("miniapp: manifest schema: %w", err)
	}
	return c.Compile(schemaURL)
}

// checkSchema adds a finding for each leaf of the validator's tree.
func checkSchema(schema *jsonschema.Schema, raw []byte, found *findings) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		found.add("", "not JSON")
		return
	}
	err = schema.Validate(doc)
	if err == nil {
		return
	}
	tree, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		found.add("", "can't be checked")
		return
	}
	collect(tree, found)
}

func collect(e *jsonschema.ValidationError, found *findings) {
	if len(e.Causes) == 0 {
		found.add(pointer(e.InstanceLocation), "%s", say(e.ErrorKind, e.InstanceLocation))
		return
	}
	for _, cause := range e.Causes {
		collect(cause, found)
	}
}

// say puts the validator's finding in words that repeat no value of the input.
func say(k jsonschema.ErrorKind, at []string) string {
	switch k := k.(type) {
	case *kind.Required:
		return "missing: " + strings.Join(k.Missing, ", ")
	case *kind.DependentRequired:
		return "missing beside " + k.Prop + ": " + strings.Join(k.Missing, ", ")
	case *kind.AdditionalProperties:
		if slices.Contains(at, "jwks") && slices.Contains(k.Properties, "d") {
			return "this is the private key: publish its public half, without d, and take another one if anybody has seen it"
		}
		return "not known here: " + clip(strings.Join(k.Properties, ", "))
	case *kind.Type:
		return "must be " + strings.Join(k.Want, " or ")
	case *kind.Pattern:
		return "must match " + k.Want
	case *kind.Enum:
		return clip(fmt.Sprintf("must be one of %v", k.Want))
	case *kind.Const:
		return clip(fmt.Sprintf("must be %v", k.Want))
	case *kind.MaxLength:
		return fmt.Sprintf("longer than %d", k.Want)
	case *kind.MinLength:
		return fmt.Sprintf("shorter than %d", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("more than %d", k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("fewer than %d", k.Want)
	default:
		return "breaks the rule " + strings.Join(k.KeywordPath(), "/")
	}
}

func clip(s string) string {
	const most = 160
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// pointer writes an RFC 6901 pointer.
func pointer(path []string) string {
	var b strings.Builder
	for _, p := range path {
		b.WriteString("/" + pointerEscape.Replace(p))
	}
	return b.String()
}
