package miniapp

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
)

// checkURLs holds every address of the manifest to the rules: https, a host
// that may be used, nothing hidden in it. The address behind the name is
// checked once more at each dial.
func (s *Service) checkURLs(m *Manifest, found *findings) {
	one := func(at, raw string) {
		if why := s.urlFault(raw); why != "" {
			found.add(at, "%s", why)
		}
	}
	for i, origin := range m.Origins {
		one("/gov_origins/"+strconv.Itoa(i), origin)
	}
	for i, offer := range m.Services {
		one("/gov_services/"+strconv.Itoa(i)+"/complaint_url", offer.ComplaintURL)
	}
	if m.Connector.BaseURL != "" {
		s.checkBase("/gov_connector/base_url", m.Connector.BaseURL, found)
	}
	for i, child := range m.Connector.ChildEndpoints {
		s.checkBase("/gov_connector/child_endpoints/"+strconv.Itoa(i)+"/base_url", child.BaseURL, found)
	}
	if m.HasEntry() {
		s.checkEntry("/gov_token/initiate_login_uri", m.Token.InitiateLoginURI, m.Origins, found)
	}
	if m.Token.EventsURI != "" {
		s.checkBase("/gov_token/events_uri", m.Token.EventsURI, found)
	}
	for i, uri := range m.Token.RedirectURIs {
		s.checkEntry("/gov_token/redirect_uris/"+strconv.Itoa(i), uri, m.Origins, found)
	}
}

func (s *Service) checkBase(at, raw string, found *findings) {
	if why := s.urlFault(raw); why != "" {
		found.add(at, "%s", why)
		return
	}
	if u, _ := url.Parse(raw); u.RawQuery != "" {
		found.add(at, "must not carry a query")
	}
}

// checkEntry also wants the address at one of the app's own origins: codes and
// handles are sent there.
func (s *Service) checkEntry(at, raw string, origins []string, found *findings) {
	if why := s.urlFault(raw); why != "" {
		found.add(at, "%s", why)
		return
	}
	if u, _ := url.Parse(raw); !slices.Contains(origins, u.Scheme+"://"+u.Host) {
		found.add(at, "its origin does not stand in gov_origins")
	}
}

// urlFault tells why a hostile address is refused; "" where it is not.
func (s *Service) urlFault(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return "not an absolute URL"
	}
	if u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return "must carry no user and no fragment"
	}
	ip, err := netip.ParseAddr(u.Hostname())
	literal := err == nil
	loopback := literal && ip.Unmap().IsLoopback()
	switch {
	case u.Scheme == "http" && (!loopback || !s.c.AllowLoopback):
		return "must be https"
	case u.Scheme != "http" && u.Scheme != "https":
		return "must be https"
	case loopback && s.c.AllowLoopback:
		return ""
	case literal:
		return "must name a host, not an address"
	case s.c.AllowHost != nil && !s.c.AllowHost(u.Hostname()):
		return "host is not on the list"
	}
	return ""
}
