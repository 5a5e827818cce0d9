package crypt_test

import (
	"encoding/hex"
	"testing"

	"github.com/emmansun/gmsm/sm4"

	"github.com/tongban/tongban/internal/crypt"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// GB/T 32905, example 1.
func TestSM3IsTheStandardOne(t *testing.T) {
	h := crypt.Guomi{}.Hash()
	h.Write([]byte("abc"))
	if got := hex.EncodeToString(h.Sum(nil)); got != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" {
		t.Errorf("%s", got)
	}
}

// GB/T 32907, example 1.
func TestSM4IsTheStandardOne(t *testing.T) {
	key := unhex(t, "0123456789abcdeffedcba9876543210")
	block, err := sm4.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, 16)
	block.Encrypt(out, key)
	if got := hex.EncodeToString(out); got != "681edf34d206965e86b3e94f536e4246" {
		t.Errorf("%s", got)
	}
}

// RFC 8998, appendix A.1.
func TestSM4GCMIsTheStandardOne(t *testing.T) {
	aead, err := crypt.Guomi{}.AEAD(unhex(t, "0123456789abcdeffedcba9876543210"))
	if err != nil {
		t.Fatal(err)
	}
	plain := "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
	sealed := "00001234567800000000abcd" +
		"17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d" +
		"83de3541e4c2b58177e065a9bf7b62ec"
	got, err := aead.Open(nil, nil, unhex(t, sealed), unhex(t, "feedfacedeadbeeffeedfacedeadbeefabaddad2"))
	if err != nil || hex.EncodeToString(got) != plain {
		t.Errorf("%x, %v", got, err)
	}
}
