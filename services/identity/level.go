package identity

import (
	"strconv"
	"strings"
)

// acrPrefix begins the name of a real-name level as an authentication context.
const acrPrefix = "urn:tongban:level:"

// ACR names a real-name level as an authentication context class (acr, OpenID
// Connect Core §2), such as urn:tongban:level:4.
func ACR(level int) string { return acrPrefix + strconv.Itoa(level) }

// ACRs names every real-name level, the lowest first.
func ACRs() []string {
	var all []string
	for level := LevelStated; level <= LevelCertified; level++ {
		all = append(all, ACR(level))
	}
	return all
}

// LevelAsked gives the level that acr_values ask for (OpenID Connect Core
// §3.1.2.1): the lowest of those named, since any of them will do. It says false
// where values are given and none is a level of ours; 0 where none is given.
func LevelAsked(acrValues string) (int, bool) {
	values := strings.Fields(acrValues)
	asked := 0
	for _, value := range values {
		for level := LevelStated; level <= LevelCertified; level++ {
			if value == ACR(level) && (asked == 0 || level < asked) {
				asked = level
			}
		}
	}
	return asked, asked > 0 || len(values) == 0
}
