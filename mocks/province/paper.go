package province

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Paper is a file or document that came with a case: fetched from the
// platform, checked and kept here.
type Paper struct {
	Material  string `json:"material"`
	MediaType string `json:"media_type"`
	SHA256    string `json:"sha256"`
	Bytes     int    `json:"bytes"`
	// Title is the signed document's own name; Level is the real-name level of
	// who signed. Both are empty for a file.
	Title string `json:"title,omitempty"`
	Level int    `json:"level,omitempty"`
	// Content is what was fetched.
	Content []byte `json:"-"`
}

const (
	// maxPaper is the largest file fetched, in bytes.
	maxPaper = 10 << 20
	sealType = "tongban-seal+jwt"
)

// The review points that a case without its papers is refused by.
const (
	pointMissing = "审查要点 材料-1:申请材料齐全"
	pointFile    = "审查要点 材料-2:电子文件完整、与登记的摘要一致"
	pointSeal    = "审查要点 材料-3:签署真实有效"
)

// lack is why a case can't be taken up: what the person reads and the point.
type lack struct{ note, point string }

// wants gives the materials that this place asks for, with how each comes, as
// its own rules have it; nil where they say nothing of the item.
func (p *Province) wants(item string) (map[string]string, error) {
	var rules []struct {
		Item      string            `json:"item"`
		Areas     []string          `json:"areas"` // none = everywhere
		Materials map[string]string `json:"materials"`
	}
	if err := readJSON("data/papers.json", &rules); err != nil {
		return nil, err
	}
	for _, r := range rules {
		if r.Item == item && (len(r.Areas) == 0 || slices.Contains(r.Areas, p.code)) {
			return r.Materials, nil
		}
	}
	return nil, nil //nolint:nilnil // no rule, nothing asked
}

// takeIn fetches and checks every paper of a submission. It gives what the
// case lacks, if anything; an error means to try again later.
func (p *Province) takeIn(ctx context.Context, s *submission) (lack, error) {
	wanted, err := p.wants(s.item)
	if err != nil {
		return lack{}, err
	}
	for name, how := range wanted {
		i := slices.IndexFunc(s.materials, func(m map[string]any) bool { return m["name"] == name })
		if i < 0 || said(s.materials[i], "how") != how || (how == "UPLOAD" || how == "SIGN") && said(s.materials[i], "file") == "" {
			return lack{"缺少材料:" + name, pointMissing}, nil
		}
	}
	for _, m := range s.materials {
		if said(m, "file") == "" {
			continue
		}
		paper, no, err := p.paper(ctx, s, m)
		if err != nil || no.point != "" {
			return no, err
		}
		s.papers = append(s.papers, paper)
	}
	return lack{}, nil
}

func said(m map[string]any, word string) string { v, _ := m[word].(string); return v }

// paper fetches and checks one.
func (p *Province) paper(ctx context.Context, s *submission, m map[string]any) (Paper, lack, error) {
	name := said(m, "name")
	content, gone, err := p.fetchPaper(ctx, said(m, "file"))
	if err != nil || gone {
		return Paper{}, lack{"材料无法取得:" + name, pointFile}, err
	}
	sum := sha256.Sum256(content)
	paper := Paper{Material: name, MediaType: said(m, "type"), SHA256: hex.EncodeToString(sum[:]), Bytes: len(content), Content: content}
	if paper.SHA256 != said(m, "hash") || !looksLike(paper.MediaType, content) {
		return Paper{}, lack{"文件与登记的不一致:" + name, pointFile}, nil
	}
	if said(m, "how") != "SIGN" {
		return paper, lack{}, nil
	}
	seal, err := p.checkSeal(ctx, said(m, "seal"))
	if err != nil || seal.Material != name || seal.Item != s.item || seal.Region != s.region || seal.Document.SHA256 != paper.SHA256 || seal.Level < 3 {
		p.config.Log.Warn("a seal is not good", "province", p.code, "error", err)
		return Paper{}, lack{"签署无效:" + name, pointSeal}, nil
	}
	paper.Title, paper.Level = seal.Document.Title, seal.Level
	return paper, lack{}, nil
}

// looksLike tells whether a file begins as its type does.
func looksLike(mediaType string, content []byte) bool {
	begin := map[string]string{
		"application/pdf": "%PDF-", "image/png": "\x89PNG\r\n\x1a\n", "image/jpeg": "\xff\xd8\xff", "application/ofd": "PK\x03\x04",
	}[mediaType]
	return bytes.HasPrefix(content, []byte(begin)) && (begin != "" || strings.HasPrefix(mediaType, "text/plain"))
}

// fetchPaper fetches from the platform, and nowhere else, as the app of this
// province. gone tells that it will never be there.
func (p *Province) fetchPaper(ctx context.Context, address string) (content []byte, gone bool, err error) {
	issuer := p.issuerURL()
	if issuer == "" || !strings.HasPrefix(address, issuer+"/") {
		return nil, true, nil
	}
	now := p.now()
	proof, err := p.app.token("client-authentication+jwt", jwt.MapClaims{
		"iss": p.face.AppID, "sub": p.face.AppID, "aud": issuer, "jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	})
	if err != nil {
		return nil, false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, true, nil //nolint:nilerr // no address at all
	}
	req.Header.Set("Authorization", "Bearer "+proof)
	res, err := p.client.Do(req)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return nil, true, nil
	default:
		return nil, false, fmt.Errorf("a paper: status %d", res.StatusCode)
	}
	content, err = io.ReadAll(io.LimitReader(res.Body, maxPaper+1))
	return content, len(content) > maxPaper, err
}

// seal is what a good seal says.
type seal struct {
	jwt.RegisteredClaims
	Level    int    `json:"gov_level"`
	Item     string `json:"gov_item"`
	Region   string `json:"gov_region"`
	Material string `json:"gov_material"`
	Document struct {
		Title  string `json:"title"`
		SHA256 string `json:"sha256"`
	} `json:"gov_document"`
}

// checkSeal checks a seal by the keys that the platform publishes for it.
func (p *Province) checkSeal(ctx context.Context, raw string) (seal, error) {
	issuer := p.issuerURL()
	var s seal
	token, err := jwt.ParseWithClaims(raw, &s, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return p.sealKey(ctx, issuer, kid)
	}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(issuer), jwt.WithAudience(p.face.AppID),
		jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithStrictDecoding(), jwt.WithTimeFunc(p.now))
	if err != nil {
		return seal{}, err
	}
	if token.Header["typ"] != sealType || token.Header["crit"] != nil || s.Subject == "" || s.ID == "" {
		return seal{}, errors.New("another kind of token")
	}
	return s, nil
}

func (p *Province) sealKey(ctx context.Context, issuer, kid string) (*ecdsa.PublicKey, error) {
	var set struct {
		Keys []jwk `json:"keys"`
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer+"/.well-known/tongban-seals.jwks.json", nil)
	if err != nil {
		return nil, err
	}
	if err := fetchJSON(p.client, req, http.StatusOK, &set); err != nil {
		return nil, err
	}
	for _, k := range set.Keys {
		if k.Kid != kid || k.Kty != "EC" || k.Crv != "P-256" {
			continue
		}
		x, errX := base64.RawURLEncoding.DecodeString(k.X)
		y, errY := base64.RawURLEncoding.DecodeString(k.Y)
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		return key, errors.Join(err, errX, errY)
	}
	return nil, errors.New("no sealing key with this kid")
}
