package province

import (
	"fmt"
	"strings"
)

const iso7064Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// CheckCharacter gives the ISO 7064 MOD 37,36 check character of text, whose
// characters are digits and capital letters; others fail.
func CheckCharacter(text string) (byte, error) {
	product := 36
	for i := range len(text) {
		value := strings.IndexByte(iso7064Alphabet, text[i])
		if value < 0 {
			return 0, fmt.Errorf("province: character %d has no place in ISO 7064 MOD 37,36", i)
		}
		sum := (product + value) % 36
		if sum == 0 {
			sum = 36
		}
		product = sum * 2 % 37
	}
	return iso7064Alphabet[(37-product)%36], nil
}

// licencePrefix is the root of e-licence identifiers (GB/T 36904).
const licencePrefix = "1.2.156.3005.2"

// LicenceIdentifier writes an e-licence identifier: type (21 characters),
// issuer (18, or an area code in test data), serial, version, check character.
func LicenceIdentifier(kind, issuer, serial, version string) (string, error) {
	check, err := CheckCharacter(kind + issuer + serial + version)
	if err != nil {
		return "", err
	}
	return strings.Join([]string{licencePrefix, kind, issuer, serial, version, string(check)}, "."), nil
}

// ValidLicenceIdentifier tells whether the identifier has the right root, six
// parts and a true check character.
func ValidLicenceIdentifier(identifier string) bool {
	rest, ok := strings.CutPrefix(identifier, licencePrefix+".")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 5 || len(parts[0]) != 21 {
		return false
	}
	check, err := CheckCharacter(strings.Join(parts[:4], ""))
	return err == nil && parts[4] == string(check)
}
