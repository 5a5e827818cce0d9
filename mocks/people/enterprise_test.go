package people_test

import (
	"testing"

	"github.com/tongban/tongban/mocks/people"
)

func TestCreditCodesHaveTheirCheckCharacter(t *testing.T) {
	for _, code := range []string{"91110108551385082Q", "91440300708461136T", "91330100799655058B", "91350100M000100Y43"} {
		if !people.ValidCreditCode(code) {
			t.Errorf("%s is valid", code)
		}
		if people.ValidCreditCode(code[:17]+"I") || people.ValidCreditCode("8"+code[1:]) || people.ValidCreditCode(code[:17]) {
			t.Errorf("a changed %s is taken", code)
		}
	}
}

func TestEveryEnterpriseHasAgentsWhoArePersons(t *testing.T) {
	book, err := people.Load()
	if err != nil {
		t.Fatal(err)
	}
	agentOf := map[string]int{}
	for _, e := range book.Enterprises() {
		if !people.ValidCreditCode(e.CreditCode) || e.CreditCode[8:12] != "MY99" || len(e.Agents) == 0 {
			t.Errorf("%s could be a real enterprise, or has no agent", e.Key)
		}
		for _, key := range e.Agents {
			agentOf[key]++
		}
	}
	if agentOf["zhang"] != 2 {
		t.Errorf("zhang is an agent of %d enterprises, want 2", agentOf["zhang"])
	}
}
