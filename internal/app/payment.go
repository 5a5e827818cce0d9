package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/tongban/tongban/bff/hooks"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/casework/paymenthttp"
	"github.com/tongban/tongban/services/miniapp"
)

// payments makes what speaks to the payment platform, where one is configured.
func (b *builder) payments(sv *services, keys signing.Keys) error {
	c := b.config.Payment
	if c.Address == "" {
		return nil
	}
	set, err := platformKeys(c.Keys)
	if err != nil {
		return err
	}
	client := paymenthttp.New(paymenthttp.Deps{
		Config: paymenthttp.Config{Base: c.Address, Merchant: c.Merchant, Keys: set, Return: c.Return},
		Sign:   requests{keys}, Clock: b.options.Clock, IDs: b.options.IDs,
	})
	b.atEnd(func(context.Context) error { client.End(); return nil })
	sv.payments, sv.platform = client, hooks.Platform{Issuer: c.Address, Keys: set}
	return nil
}

// platformKeys reads the payment platform's key set; keys of other kinds in it
// are for others.
func platformKeys(path string) (miniapp.JWKS, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return miniapp.JWKS{}, fmt.Errorf("payment: %s can't be read", path)
	}
	var all, set miniapp.JWKS
	if err := json.Unmarshal(raw, &all); err != nil {
		return miniapp.JWKS{}, fmt.Errorf("payment: %s is no key set", path)
	}
	for _, key := range all.Keys {
		if _, err := key.Public(); err == nil && key.Kid != "" {
			set.Keys = append(set.Keys, key)
		}
	}
	if len(set.Keys) == 0 {
		return miniapp.JWKS{}, errors.New("payment: the platform's key set has no ES256 key with a kid")
	}
	return set, nil
}

// requests are signed by the keys that the product publishes.
type requests struct{ keys signing.Keys }

// Sign implements paymenthttp.Signer.
func (r requests) Sign(ctx context.Context, typ string, claims map[string]any) (string, error) {
	return r.keys.JWT(ctx, signing.ES256, typ, claims)
}
