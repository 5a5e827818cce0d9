package journey_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// deviceKey tells of the key that the page's tokens are bound to.
const deviceKey = `new Promise((tell, fail) => {
	const opening = indexedDB.open('tongban', 1);
	opening.onerror = fail;
	opening.onsuccess = () => {
		const got = opening.result.transaction('keys').objectStore('keys').get('device');
		got.onsuccess = async () => {
			opening.result.close();
			const { x } = await crypto.subtle.exportKey('jwk', got.result.publicKey);
			tell(got.result.privateKey.type + ', extractable: ' + got.result.privateKey.extractable + ', ' + x);
		};
	};
})`

// Two tabs of one browser are one sign-in: one renews it for both, and both end
// with it. A refresh token that is used twice would end it.
//
// demand: D01
func TestTwoTabsAreOneSignIn(t *testing.T) {
	b := openTab(t)
	st := withPages(t, setting{areas: []string{henan, shanghai}})
	b.signIn(st.conf.Issuer, roamer)
	b.settled()
	other := b.another()
	other.visit(st.conf.Issuer)
	other.see("，"+roamer, "各地的信息") // nobody asked again
	other.settled()
	held := js[string](b, deviceKey)
	if !strings.HasPrefix(held, "private, extractable: false, ") || js[string](other, deviceKey) != held {
		t.Errorf("the tabs hold %s and another", held)
	}
	b.visit(st.conf.Issuer)
	b.see("，" + roamer) // by the refresh token, which no other key may use
	b.settled()
	if js[string](b, deviceKey) != held {
		t.Error("a reload made another key")
	}
	// The tabs are processes of their own, and so are their clocks.
	js[bool](other, "(now => { Date.now = () => now() + 20000; return true; })(Date.now)")
	asked := 0
	ask := func(each *tab) {
		js[string](each, "location.hash = "+quoted([]string{"/ledger", "/sessions", "/consents", "/cases", "/inbox"}[asked%5]))
		asked++
	}
	stays := func(each *tab) {
		t.Helper()
		each.settled()
		if js[bool](each, "!!document.querySelector('.welcome, .failed')") {
			t.Fatalf("a tab lost the sign-in: %s", each.text())
		}
	}
	for range 3 {
		st.later(11 * time.Minute) // every access token has lapsed
		ask(b)
		ask(other)
		stays(b)
		stays(other)
	}
	for _, first := range []*tab{other, b, other} {
		st.later(11 * time.Minute)
		ask(first)
		stays(first)
		for _, each := range []*tab{b, other} {
			ask(each)
			stays(each)
		}
	}
	if n := js[int](b, fmt.Sprintf("performance.getEntriesByType('resource').filter(e => e.name.endsWith('/oauth2/token')).length + %d", js[int](other, "performance.getEntriesByType('resource').filter(e => e.name.endsWith('/oauth2/token')).length"))); n != 7 {
		t.Errorf("%d calls for tokens, want one for the sign-in and one each time they lapsed", n)
	}
	other.tapTo("/me", "退出登录")
	js[bool](other, "([...document.querySelectorAll('button')].find(e => e.innerText.includes('退出登录')).click(), true)")
	other.see("您已安全退出。")
	b.see("您已安全退出。")
}
