package mapping

import (
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/miniapp"
)

// costLimit bounds one evaluation, in CEL's units. Our choice: a list of 100
// licences of ten fields takes about 5,000.
const costLimit = 100_000

// Mapper compiles expressions and keeps them by manifest. It is safe for
// concurrent use.
type Mapper struct {
	asking    language
	answering language

	mu   sync.RWMutex
	apps map[ids.AppID]compiled // one manifest per app, so it does not grow with versions
}

// language is what an expression may say, and how its calls are bounded.
type language struct {
	env     *cel.Env
	bounded cel.ProgramOption
	vars    []string // as they stand in a frame
}

type compiled struct {
	digest   string
	programs map[string]*Program
}

var _ miniapp.Checker = (*Mapper)(nil)

// New makes a mapper.
func New() (*Mapper, error) {
	asking, err := newLanguage([]string{"person", "input", "key"}, cel.Variable("person", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("input", cel.MapType(cel.StringType, cel.DynType)), cel.Variable("key", cel.StringType))
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	answering, err := newLanguage([]string{"answer", "status"}, cel.Variable("answer", cel.DynType), cel.Variable("status", cel.IntType))
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	return &Mapper{asking: asking, answering: answering, apps: map[ids.AppID]compiled{}}, nil
}

func newLanguage(names []string, vars ...cel.EnvOption) (language, error) {
	env, err := cel.NewEnv(append(vars, ext.Strings(), cel.OptionalTypes(), cel.CrossTypeNumericComparisons(true),
		cel.ParserExpressionSizeLimit(4096), cel.ParserRecursionLimit(64))...)
	if err != nil {
		return language{}, err
	}
	calls, err := bounded(env)
	return language{env, calls, names}, err
}

// Check gives a message per member that does not compile, as miniapp.Checker promises.
func (m *Mapper) Check(_ string, c miniapp.Capability) map[string]string {
	_, faults := m.compile(c)
	return faults
}

// Program gives the compiled capability of the app, or an error when the app
// declares none by that name.
func (m *Mapper) Program(app miniapp.App, capability string) (*Program, error) {
	m.mu.RLock()
	known := m.apps[app.ID]
	p := known.programs[capability]
	m.mu.RUnlock()
	if p != nil && known.digest == app.Digest {
		return p, nil
	}
	c, ok := app.Manifest.Connector.Capabilities[capability]
	if !ok {
		return nil, fmt.Errorf("mapping: no capability of that name in %s", app.ID)
	}
	p, faults := m.compile(c)
	if len(faults) > 0 {
		return nil, fmt.Errorf("mapping: the capability of %s does not compile", app.ID)
	}
	m.keep(app, capability, p)
	return p, nil
}

// keep replaces the map instead of changing it: readers hold the old one.
func (m *Mapper) keep(app miniapp.App, capability string, p *Program) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := compiled{digest: app.Digest, programs: map[string]*Program{capability: p}}
	if before := m.apps[app.ID]; before.digest == app.Digest {
		for name, old := range before.programs {
			if name != capability {
				next.programs[name] = old
			}
		}
	}
	m.apps[app.ID] = next
}

func (m *Mapper) compile(c miniapp.Capability) (*Program, map[string]string) {
	faults := map[string]string{}
	one := func(member, text string, l language) *expression {
		if text == "" {
			return nil
		}
		checked, issues := l.env.Compile(text)
		if err := issues.Err(); err != nil {
			faults[member] = err.Error()
			return nil
		}
		program, err := l.env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit), cel.InterruptCheckFrequency(lookEvery), l.bounded)
		if err != nil {
			faults[member] = err.Error()
		}
		written := checked.NativeRep().Expr()
		short, _ := plainly(written, l.vars)
		return &expression{program: program, plain: short, written: written}
	}
	p := &Program{
		request: one("request", c.Request, m.asking),
		owner:   one("owner", c.Owner, m.answering),
		answer:  one("answer", c.Answer, m.answering),
		fails:   one("error", c.Error, m.answering),
	}
	p.wants = wanted(p.owner, p.answer, p.fails)
	return p, faults
}
