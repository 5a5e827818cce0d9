package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/oidcsource"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/miniapp"
)

// registry is what the operator of the platform lays down in a folder:
// operators.json (credit code → miniapp.Registered), secrets.json (app id → secret of an older
// interface) and verifiers.json (who checks licences, for what), all optional,
// and manifests/*.json.
type registry struct {
	operators map[string]miniapp.Registered
	secrets   map[string]config.Secret
	verifiers *licence.Registry
	manifests []string // paths, in the order of their names
}

func readRegistry(dir string) (registry, error) {
	r := registry{operators: map[string]miniapp.Registered{}, secrets: map[string]config.Secret{}, verifiers: &licence.Registry{}}
	if dir == "" {
		return r, nil
	}
	switch raw, err := os.ReadFile(filepath.Join(dir, "verifiers.json")); {
	case err == nil:
		if r.verifiers, err = licence.ReadVerifiers(raw); err != nil {
			return registry{}, fmt.Errorf("registry: %w", err)
		}
	case !os.IsNotExist(err):
		return registry{}, fmt.Errorf("registry: verifiers.json can't be read")
	}
	for file, into := range map[string]any{"operators.json": &r.operators, "secrets.json": &r.secrets} {
		path := filepath.Join(dir, file)
		if _, err := os.Stat(path); os.IsNotExist(err) {
			continue
		}
		if err := config.ReadJSON(path, into); err != nil {
			return registry{}, fmt.Errorf("registry: %w", err)
		}
	}
	for code, operator := range r.operators {
		if err := operator.Validate(); err != nil {
			return registry{}, fmt.Errorf("registry: operators.json: %s: %w", code, err)
		}
	}
	var err error
	r.manifests, err = filepath.Glob(filepath.Join(dir, "manifests", "*.json"))
	slices.Sort(r.manifests)
	return r, err
}

// registerer takes manifests; *miniapp.Service does.
type registerer interface {
	Register(ctx context.Context, raw []byte, by string) (miniapp.App, error)
}

// register puts every manifest of the folder in. One that is refused is told
// and left out: a faulty plug-in keeps no other from being served.
func (r registry) register(ctx context.Context, apps registerer, log *slog.Logger) error {
	refused := 0
	for _, path := range r.manifests {
		raw, err := os.ReadFile(path)
		if err == nil {
			_, err = apps.Register(ctx, raw, "registry")
		}
		if err != nil {
			refused++
			log.ErrorContext(ctx, "a manifest was not taken", "file", filepath.Base(path), "error", err, "findings", findings(err))
		}
	}
	if refused > 0 && refused == len(r.manifests) {
		return errors.New("registry: not one manifest was taken")
	}
	return nil
}

// findings are a refusal's details, each at its place in the manifest, which
// is public; empty where there are none.
func findings(err error) []string {
	list := []string{}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		for _, place := range slices.Sorted(maps.Keys(f.Detail)) {
			list = append(list, place+": "+f.Detail[place])
		}
	}
	return list
}

// sourcesFile is what stands in the file of identity sources.
type sourcesFile struct {
	Sources []oidcsource.Config `json:"sources"`
}

// faults says what is wrong with the sources beside each other.
func (f sourcesFile) faults() []error {
	var faults []error
	names, usual, persons := map[string]bool{}, 0, 0
	for _, c := range f.Sources {
		if names[c.Name] {
			faults = append(faults, fmt.Errorf("source %q stands twice", c.Name))
		}
		names[c.Name] = true
		if c.Default {
			usual++
		}
		if c.Kind != oidcsource.KindEnterprise {
			persons++
		}
	}
	if usual > 1 {
		faults = append(faults, errors.New("only one may be the default"))
	}
	if len(f.Sources) > 0 && persons == 0 {
		faults = append(faults, errors.New("at least one source is needed at which persons sign in for themselves"))
	}
	if len(f.Sources) >= maxSources {
		faults = append(faults, fmt.Errorf("more sources than anybody can choose from, %d or less are taken", maxSources-1))
	}
	return faults
}

// maxSources bounds the identity sources, which apps are told in one list: the
// nation's, and one of each province with room to spare. A province with more
// joins them behind one.
const maxSources = 50

// sources reads the identity sources; one without a redirect_url gets ours.
func (b *builder) sources(signer oidcsource.Signer) ([]identity.Source, error) {
	var file sourcesFile
	if err := config.ReadJSON(b.config.Sources, &file); err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	var list []identity.Source
	faults := file.faults()
	for _, c := range file.Sources {
		if c.RedirectURL == "" {
			c.RedirectURL = b.config.Issuer + "/oauth2/callback/" + c.Name
		}
		s, err := oidcsource.New(c, b.options.Clock, b.options.IDs, signer)
		if err != nil {
			faults = append(faults, fmt.Errorf("source %s: %w", c.Name, err))
			continue
		}
		list = append(list, s)
	}
	if len(list)+len(faults) == 0 {
		faults = append(faults, errors.New("sources: at least one identity source is needed"))
	}
	return list, errors.Join(faults...)
}
