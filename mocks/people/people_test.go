package people_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/mocks/people"
)

func load(t *testing.T) *people.Book {
	t.Helper()
	book, err := people.Load()
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func TestIDNumbersAreChecked(t *testing.T) {
	for number, want := range map[string]bool{
		"11010519491231002X": true,
		"440524188001010014": true,
		"11010519491231002x": false,
		"110105194912310021": false,
		"440524188013010014": false,
		"44052418800101001":  false,
		"":                   false,
	} {
		if got := people.ValidIDNumber(number); got != want {
			t.Errorf("ValidIDNumber of a %d character sample = %v, want %v", len(number), got, want)
		}
	}
	for _, p := range load(t).All() {
		if !people.ValidIDNumber(p.IDNumber) {
			t.Errorf("%s has a false check digit", p.Key)
		}
	}
}

func TestFalseNumberIsRefused(t *testing.T) {
	one := load(t).All()[2]
	one.IDNumber = one.IDNumber[:17] + "Z"
	if _, err := people.NewBook([]people.Person{one}); err == nil {
		t.Error("a person with a false ID number was let in")
	}
}

func TestNobodyIsReal(t *testing.T) {
	for _, p := range load(t).All() {
		if !strings.HasSuffix(p.IDNumber[:6], "0000") {
			t.Errorf("%s: a county could have this ID number", p.Key)
		}
		if !strings.HasPrefix(p.Phone, "1990000") || len(p.Phone) != 11 {
			t.Errorf("%s: somebody could have this phone", p.Key)
		}
		if p.BankAccount != "" && (!strings.HasPrefix(p.BankAccount, "99") || len(p.BankAccount) != 19) {
			t.Errorf("%s: somebody could have this bank account", p.Key)
		}
	}
}

func TestCastIsWhatStoriesNeed(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	all := load(t).All()
	old, married := 0, 0
	levels := map[int]int{}
	seen := map[string]bool{}
	for _, p := range all {
		if p.Age(now) < 18 {
			t.Errorf("%s is a child", p.Key)
		}
		if p.Age(now) >= 75 {
			old++
		}
		if p.Spouse != "" {
			married++
		}
		if seen[p.IDNumber] || seen[p.Key] || seen[p.Phone] || p.About == "" || p.AboutZH == "" {
			t.Errorf("%s is not told apart from others", p.Key)
		}
		seen[p.IDNumber], seen[p.Key], seen[p.Phone] = true, true, true
		levels[p.GovLevel]++
	}
	if old != 1 || married != 2 || levels[2] != 1 || levels[4] <= len(all)/2 {
		t.Errorf("old %d, married %d, levels %v", old, married, levels)
	}
	if main := all[0]; len(main.Places) < 5 || main.Home() != "410000" {
		t.Error("the main person does not roam")
	}
}

func TestMarriageIsMutual(t *testing.T) {
	book := load(t)
	zhang, _ := book.ByKey("zhang")
	wang, _ := book.ByKey("wang")
	if zhang.Spouse != wang.Key || wang.Spouse != zhang.Key || zhang.Male() == wang.Male() {
		t.Error("zhang and wang are not a pair")
	}
	zhang.Spouse = "li"
	if _, err := people.NewBook([]people.Person{zhang, wang}); err == nil {
		t.Error("a one-sided marriage was let in")
	}
}

func TestPersonsAreFoundByEachName(t *testing.T) {
	book := load(t)
	for _, p := range book.All() {
		byID, ok1 := book.ByIDNumber(p.IDNumber)
		byCert, ok2 := book.ByCertKey(p.CertKey())
		if !ok1 || !ok2 || byID.Key != p.Key || byCert.Key != p.Key {
			t.Errorf("%s is not found", p.Key)
		}
	}
	if _, ok := book.ByIDNumber("11010519491231002X"); ok {
		t.Error("a stranger was found")
	}
	if _, ok := book.ByCertKey(""); ok {
		t.Error("nobody was found")
	}
}

func TestCertKeyDependsOnNameAndNumber(t *testing.T) {
	a := people.CertKey("张示例", "1")
	if len(a) != 64 || a == people.CertKey("王演示", "1") || a == people.CertKey("张示例", "2") {
		t.Error("the certificate key does not stand for one identity")
	}
}

func TestAPersonWhoseNumberPassesForACreditCodeIsAPerson(t *testing.T) {
	both := 0
	for serial := range 1000 {
		for _, check := range "0123456789X" {
			number := fmt.Sprintf("41000019500101%03d%c", serial, check)
			if !people.ValidIDNumber(number) || !people.ValidCreditCode(number) {
				continue
			}
			both++
			if (people.Person{IDNumber: number}).Enterprise() {
				t.Errorf("%s is taken for an enterprise", number)
			}
		}
	}
	if both == 0 {
		t.Error("no such number: the test asks nothing")
	}
	for _, e := range load(t).Enterprises() {
		if !e.Party().Enterprise() {
			t.Errorf("%s is taken for a person", e.Key)
		}
	}
}
