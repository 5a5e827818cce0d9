package config_test

import (
	"os"
	"reflect"
	"regexp"
	"testing"

	"github.com/tongban/tongban/internal/config"
)

// variables gives every env tag of a configuration with its default and help.
func variables(of reflect.Type, into map[string]reflect.StructTag) {
	for i := range of.NumField() {
		f := of.Field(i)
		if name := f.Tag.Get("env"); name != "" {
			into[name] = f.Tag
		} else if f.Type.Kind() == reflect.Struct {
			variables(f.Type, into)
		}
	}
}

func TestTheOperatorsGuideListsEverySetting(t *testing.T) {
	page, err := os.ReadFile("../../docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]reflect.StructTag{}
	variables(reflect.TypeFor[config.Config](), want)
	rows := regexp.MustCompile("(?m)^\\| `(TONGBAN_[A-Z_]+)` \\| `--[a-z-]+` \\| (?:`([^`]*)`)? *\\| (.*) \\|$").FindAllStringSubmatch(string(page), -1)
	if len(rows) != len(want) {
		t.Errorf("%d rows for %d settings", len(rows), len(want))
	}
	for _, row := range rows {
		tag, known := want[row[1]]
		if !known || tag.Get("default") != row[2] || tag.Get("help") != row[3] {
			t.Errorf("%s: the guide says %q, %q", row[1], row[2], row[3])
		}
		delete(want, row[1])
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
}
