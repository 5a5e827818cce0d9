package miniapp

import "slices"

// Holder is by what number somebody is known to a source: the holder types of
// e-licences (GB/T 36903).
type Holder string

// The holders that capabilities answer about.
const (
	Citizen    Holder = "111" // 公民身份号码
	Enterprise Holder = "001" // 统一社会信用代码
)

// Serves tells whether the capability answers about such a holder; none is a
// citizen.
func (c Capability) Serves(h Holder) bool {
	if h == "" {
		h = Citizen
	}
	if len(c.Holders) == 0 {
		return h == Citizen
	}
	return slices.Contains(c.Holders, h)
}

// About tells whether the capability is one to be asked about such a holder. It
// does not tell whether the app has it.
func (m *Manifest) About(capability string, h Holder) bool {
	return m.Connector.Capabilities[capability].Serves(h)
}
