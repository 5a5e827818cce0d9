package people

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

//go:embed people.json
var peopleJSON []byte

// Person is one fictional person.
type Person struct {
	// Key is a short handle, such as "zhang".
	Key string `json:"key"`
	// Name is the full name, in Chinese.
	Name string `json:"name"`
	// IDNumber is 18 characters with a valid check digit (GB 11643).
	IDNumber string `json:"id_number"`
	// Phone is 11 digits.
	Phone string `json:"phone"`
	// GovLevel is the real-name level, 2 to 5.
	GovLevel int `json:"gov_level"`
	// About says in one English line who this is.
	About string `json:"about"`
	// AboutZH says the same in Chinese, for pages that citizens see.
	AboutZH string `json:"about_zh"`
	// Places are the province-level area codes that know the person, home first.
	Places []string `json:"places"`
	// Cities are the city-level area codes, within Places, that know the person.
	Cities []string `json:"cities"`
	// Spouse is the key of the husband or wife, or "".
	Spouse string `json:"spouse"`
	// BankAccount is 19 digits, or "".
	BankAccount string `json:"bank_account"`
}

// CertKey is the person's certificate key.
func (p Person) CertKey() string { return CertKey(p.Name, p.IDNumber) }

// Home is the area that keeps the person's household.
func (p Person) Home() string { return p.Places[0] }

// KnownIn tells whether the province or city keeps records of the person.
func (p Person) KnownIn(area string) bool {
	return slices.Contains(p.Places, area) || slices.Contains(p.Cities, area)
}

// Told are the places as exactly as an identity source knows them: the cities
// of a province where there are some, else the province.
func (p Person) Told() []string {
	var told []string
	for _, place := range p.Places {
		before := len(told)
		for _, city := range p.Cities {
			if city[:2] == place[:2] {
				told = append(told, city)
			}
		}
		if len(told) == before {
			told = append(told, place)
		}
	}
	return told
}

// Birthday is read from the ID number.
func (p Person) Birthday() time.Time {
	day, err := time.Parse("20060102", p.IDNumber[6:14])
	if err != nil {
		panic("people: unchecked person " + p.Key) // Load refuses such a number
	}
	return day
}

// Male is read from the ID number: its 17th digit is odd for men.
func (p Person) Male() bool { return (p.IDNumber[16]-'0')%2 == 1 }

// Age is in whole years at now.
func (p Person) Age(now time.Time) int {
	born := p.Birthday()
	years := now.Year() - born.Year()
	if now.Month() < born.Month() || now.Month() == born.Month() && now.Day() < born.Day() {
		years--
	}
	return years
}

// CertKey gives the key that stands for an identity where an ID number may not:
// the hex of a SHA-256 over a fixed label, the name and the number.
func CertKey(name, idNumber string) string {
	sum := sha256.Sum256([]byte("tongban-demo|" + name + "|" + idNumber))
	return hex.EncodeToString(sum[:])
}

// Book is all persons and enterprises. It is read-only and safe for concurrent use.
type Book struct {
	all         []Person
	enterprises []Enterprise
}

// Load reads the embedded persons. It fails when one of them has a false ID
// number, no home, or a spouse who does not know it, or an enterprise a false
// credit code or an agent whom nobody knows.
func Load() (*Book, error) {
	var all []Person
	if err := json.Unmarshal(peopleJSON, &all); err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	book, err := NewBook(all)
	if err != nil {
		return nil, err
	}
	return book, book.loadEnterprises()
}

// NewBook makes a book of other persons than the embedded ones, checked alike,
// and of no enterprise.
func NewBook(all []Person) (*Book, error) {
	book := &Book{all: slices.Clone(all)}
	for _, p := range book.all {
		if !ValidIDNumber(p.IDNumber) {
			return nil, fmt.Errorf("people: %s has a false ID number", p.Key)
		}
		if len(p.Places) == 0 {
			return nil, fmt.Errorf("people: %s has no home", p.Key)
		}
		if p.Spouse == "" {
			continue
		}
		if other, ok := book.ByKey(p.Spouse); !ok || other.Spouse != p.Key {
			return nil, fmt.Errorf("people: %s is married to somebody who does not know", p.Key)
		}
	}
	return book, nil
}

// All gives every person, in the order of the file.
func (b *Book) All() []Person { return slices.Clone(b.all) }

// In gives the persons whom the province or city knows.
func (b *Book) In(area string) []Person {
	var known []Person
	for _, p := range b.all {
		if p.KnownIn(area) {
			known = append(known, p)
		}
	}
	return known
}

// ByKey finds a person by the short handle.
func (b *Book) ByKey(key string) (Person, bool) {
	return b.find(func(p Person) bool { return p.Key == key })
}

// ByIDNumber finds a person by ID number.
func (b *Book) ByIDNumber(number string) (Person, bool) {
	return b.find(func(p Person) bool { return p.IDNumber == number })
}

// ByCertKey finds a person by certificate key.
func (b *Book) ByCertKey(key string) (Person, bool) {
	return b.find(func(p Person) bool { return p.CertKey() == key })
}

func (b *Book) find(is func(Person) bool) (Person, bool) {
	i := slices.IndexFunc(b.all, is)
	if i < 0 {
		return Person{}, false
	}
	return b.all[i], true
}
