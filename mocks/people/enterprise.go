package people

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed enterprises.json
var enterprisesJSON []byte

// Enterprise is one fictional enterprise.
type Enterprise struct {
	// Key is a short handle, such as "huadong".
	Key string `json:"key"`
	// Name is the registered name, in Chinese.
	Name string `json:"name"`
	// CreditCode is 18 characters with a valid check character (GB 32100).
	CreditCode string `json:"credit_code"`
	// Type is as the register writes it.
	Type string `json:"type"`
	// LegalRepresentative is the key of a person.
	LegalRepresentative string `json:"legal_representative"`
	// Phone is the enterprise's own, 11 digits.
	Phone string `json:"phone"`
	// About says in one English line what this is, AboutZH in Chinese.
	About   string `json:"about"`
	AboutZH string `json:"about_zh"`
	// Places are the province-level area codes that know it, its seat first.
	Places []string `json:"places"`
	// Agents are the keys of the persons who may act for it.
	Agents []string `json:"agents"`
}

// KnownIn tells whether the province-level area keeps records of it.
func (e Enterprise) KnownIn(area string) bool { return slices.Contains(e.Places, area) }

// Party is the enterprise as a case or a licence knows whoever it is about: by
// name and number.
func (e Enterprise) Party() Person {
	return Person{Key: e.Key, Name: e.Name, IDNumber: e.CreditCode, Phone: e.Phone, Places: e.Places}
}

// Enterprise tells whether the person stands for an enterprise; see
// [Enterprise.Party]. One ID number in thirty passes for a credit code as well.
func (p Person) Enterprise() bool { return ValidCreditCode(p.IDNumber) && !ValidIDNumber(p.IDNumber) }

// Enterprises gives every enterprise, in the order of the file.
func (b *Book) Enterprises() []Enterprise { return slices.Clone(b.enterprises) }

// EnterprisesIn gives the enterprises that the province-level area knows.
func (b *Book) EnterprisesIn(area string) []Enterprise {
	return slices.DeleteFunc(b.Enterprises(), func(e Enterprise) bool { return !e.KnownIn(area) })
}

// loadEnterprises reads the embedded enterprises and checks them against the
// persons of the book.
func (b *Book) loadEnterprises() error {
	if err := json.Unmarshal(enterprisesJSON, &b.enterprises); err != nil {
		return fmt.Errorf("people: enterprises: %w", err)
	}
	for _, e := range b.enterprises {
		if !ValidCreditCode(e.CreditCode) || len(e.Places) == 0 {
			return fmt.Errorf("people: %s has a false credit code, or no seat", e.Key)
		}
		for _, key := range append([]string{e.LegalRepresentative}, e.Agents...) {
			if _, known := b.ByKey(key); !known {
				return fmt.Errorf("people: %s has somebody whom nobody knows", e.Key)
			}
		}
	}
	return nil
}

// creditAlphabet is that of GB 32100-2015, whose weights are the powers of 3
// modulo 31.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ValidCreditCode tells whether the code has 18 characters of GB 32100 and the
// right check character.
func ValidCreditCode(code string) bool {
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range code {
		value := strings.IndexByte(creditAlphabet, code[i])
		if value < 0 {
			return false
		}
		if i < 17 {
			sum += value * weight
			weight = weight * 3 % 31
		} else {
			sum += value
		}
	}
	return sum%31 == 0
}
