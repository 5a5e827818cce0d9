package journey

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// Upload is a file that a person gives for a material.
type Upload struct {
	ID, Material, MediaType, SHA256, State, Address, Case string
	Bytes                                                 int
	ExpiresAt                                             time.Time
	FetchedAt                                             *time.Time
}

// Signature is a document that a person signed.
type Signature struct {
	ID, Material, Title, Text, SHA256, Seal, Case string
	Level                                         int
	FetchedAt                                     *time.Time
}

// Draft is a document before it is signed.
type Draft struct{ Material, Title, Text, MediaType, SHA256, Basis string }

// Given answers a material: by an upload or by a signature.
type Given struct {
	Material  string `json:"material"`
	Upload    string `json:"upload,omitempty"`
	Signature string `json:"signature,omitempty"`
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func listed(fields map[string]string) []map[string]string {
	list := []map[string]string{}
	for name, value := range fields {
		list = append(list, map[string]string{"name": name, "value": value})
	}
	return list
}

// RequestUpload announces a file.
func (p *Phone) RequestUpload(ctx context.Context, item, region, material, mediaType string, content []byte) (Upload, error) {
	var out struct{ RequestUpload struct{ Upload Upload } }
	err := p.Ask(ctx, "RequestUpload", map[string]any{"input": map[string]any{
		"item": item, "region": region, "material": material, "mediaType": mediaType, "bytes": len(content), "sha256": hashOf(content),
	}}, &out)
	return out.RequestUpload.Upload, err
}

// GiveFile announces a file and sends it.
func (p *Phone) GiveFile(ctx context.Context, item, region, material, mediaType string, content []byte) (Upload, error) {
	x, err := p.RequestUpload(ctx, item, region, material, mediaType, content)
	if err != nil {
		return Upload{}, err
	}
	return x, p.Put(ctx, x.Address, mediaType, bytes.NewReader(content))
}

// Put sends a file. It fails with a Refusal where it is not taken.
func (p *Phone) Put(ctx context.Context, address, mediaType string, content io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, address, content)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", mediaType)
	_, err = p.file(req)
	return err
}

// See gives the content of a person's own file.
func (p *Phone) See(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return p.file(req)
}

func (p *Phone) file(req *http.Request) ([]byte, error) {
	res, err := p.send(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode > 299 {
		var told struct{ Code, Message string }
		_ = json.Unmarshal(raw, &told) // without words the status says enough
		return nil, &Refusal{Status: res.StatusCode, Code: told.Code, Text: told.Message}
	}
	return raw, nil
}

// Upload gives one of the person's own uploads.
func (p *Phone) Upload(ctx context.Context, id string) (Upload, error) {
	var out struct{ Upload Upload }
	err := p.Ask(ctx, "Upload", map[string]any{"id": id}, &out)
	return out.Upload, err
}

// Draft gives a document to read.
func (p *Phone) Draft(ctx context.Context, item, region, material string, fields map[string]string) (Draft, error) {
	var out struct{ DocumentToSign Draft }
	err := p.Ask(ctx, "DocumentToSign", map[string]any{"item": item, "region": region, "material": material, "fields": listed(fields)}, &out)
	return out.DocumentToSign, err
}

// SignDocument confirms a document that was read.
func (p *Phone) SignDocument(ctx context.Context, item, region, material string, fields map[string]string, hash string) (Signature, error) {
	var out struct{ SignDocument struct{ Signature Signature } }
	err := p.Ask(ctx, "SignDocument", map[string]any{"input": map[string]any{
		"item": item, "region": region, "material": material, "fields": listed(fields), "sha256": hash,
	}}, &out)
	return out.SignDocument.Signature, err
}

// ReadAndSign reads a document and signs it.
func (p *Phone) ReadAndSign(ctx context.Context, item, region, material string, fields map[string]string) (Signature, error) {
	d, err := p.Draft(ctx, item, region, material, fields)
	if err != nil {
		return Signature{}, err
	}
	return p.SignDocument(ctx, item, region, material, fields, d.SHA256)
}

// Signature gives one of the person's own signatures.
func (p *Phone) Signature(ctx context.Context, id string) (Signature, error) {
	var out struct{ Signature Signature }
	err := p.Ask(ctx, "Signature", map[string]any{"id": id}, &out)
	return out.Signature, err
}

// SubmitWith hands a matter in with what the person gave and signed.
func (p *Phone) SubmitWith(ctx context.Context, item, region, key string, fields map[string]string, given []Given) (Case, error) {
	if given == nil {
		given = []Given{}
	}
	var out struct{ SubmitMatter struct{ Case Case } }
	err := p.Ask(ctx, "SubmitMatter", map[string]any{"input": map[string]any{
		"item": item, "region": region, "fields": listed(fields), "materials": given, "idempotencyKey": key,
	}}, &out)
	return out.SubmitMatter.Case, err
}
