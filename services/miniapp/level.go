package miniapp

// wants says what a manifest of the level must hold, at the least: a level is a
// promise to those who read the list of plug-ins. Our choice; the documents
// name the six ways and leave their contents open.
func (l Level) wants(m *Manifest) (missing string) {
	switch l {
	case LevelUserAuthentication:
		if !m.HasEntry() {
			return "an entry: gov_token.initiate_login_uri"
		}
	case LevelDataSharing:
		if len(m.Tiles) == 0 && len(m.Checks(CapCheckPrefix)) == 0 {
			return "data to share: a tile, or a capability called check.…"
		}
	case LevelServiceInterface:
		if !m.offers(CapCaseSubmit) || len(m.Services) == 0 {
			return "a matter to handle: gov_services and the capability " + CapCaseSubmit
		}
	case LevelLicenceRecognition:
		if !m.offers(CapLicenceList) {
			return "licences: the capability " + CapLicenceList
		}
	case LevelApplicationIntegration:
		if !m.HasEntry() || (len(m.Services) == 0 && len(m.Tiles) == 0) {
			return "an entry (gov_token.initiate_login_uri), and gov_services or gov_tiles"
		}
	case LevelApplicationAggregation:
		if !m.HasEntry() || len(m.Services) == 0 || len(m.Tiles) == 0 || !m.offers(CapCaseList) {
			return "an entry, gov_services, gov_tiles and the capability " + CapCaseList
		}
	}
	return ""
}

func (m *Manifest) offers(capability string) bool {
	_, ok := m.Connector.Capabilities[capability]
	return ok
}

func checkLevel(m *Manifest, found *findings) {
	if missing := m.Level.wants(m); missing != "" {
		found.add("/gov_level", "%s wants %s", m.Level, missing)
	}
}
