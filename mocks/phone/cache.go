package phone

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
)

// forever says that what stands at an address never changes: the address has
// the version in it.
const forever = "public, max-age=31536000, immutable"

var (
	imported   = regexp.MustCompile(`(?m)^(?:import|export) [^;]*?from '\./([\w-]+\.js)';|^import '\./([\w-]+\.js)';`)
	referenced = regexp.MustCompile(`(href|src)="([\w-]+\.(?:css|js|svg))"`)
	entrance   = regexp.MustCompile(`<script type="module" src="([\w-]+\.js)">`)
)

// fixed gives every file but the pages under an address of its own version, and
// has the pages name these, with every module that the first one leads to: a
// phone far away asks for all at once in place of one level of imports after
// the other, and for none of them the next time.
func fixed(files map[string]file) {
	version := sum(files)
	names := slices.Collect(maps.Keys(files))
	for _, name := range names {
		if path.Ext(name) == ".html" || path.Ext(name) == "" {
			continue
		}
		f := files[name]
		f.keep = forever
		files[version+"/"+name] = f
	}
	for _, name := range names {
		if path.Ext(name) == ".html" {
			files[name] = made(pointed(files, name, version), files[name].mediaType)
		}
	}
}

// sum names the files as they are.
func sum(files map[string]file) string {
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all.Write([]byte(name + "\x00" + files[name].tag + "\x00"))
	}
	return hex.EncodeToString(all.Sum(nil)[:8])
}

// pointed gives a page that names its files by their version.
func pointed(files map[string]file, page, version string) []byte {
	body := files[page].body
	var ahead strings.Builder
	for _, m := range entrance.FindAllSubmatch(body, -1) {
		for _, module := range modules(files, string(m[1])) {
			ahead.WriteString(`<link rel="modulepreload" href="` + version + "/" + module + `">` + "\n")
		}
	}
	body = referenced.ReplaceAll(body, []byte(`${1}="`+version+`/${2}"`))
	return bytes.Replace(body, []byte("</head>"), []byte(ahead.String()+"</head>"), 1)
}

// modules gives what a module leads to, itself first, each once, the nearest first.
func modules(files map[string]file, first string) []string {
	all := []string{first}
	for i := 0; i < len(all); i++ {
		for _, m := range imported.FindAllSubmatch(files[all[i]].body, -1) {
			name := string(m[1]) + string(m[2])
			if _, known := files[name]; known && !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

// compressed gives the body as gzip; nil where that saves nothing.
func compressed(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(body); err != nil || z.Close() != nil || b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}

// takesGzip tells whether who asks reads gzip.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" && !strings.HasPrefix(strings.ReplaceAll(q, " ", ""), "q=0") {
			return true
		}
	}
	return false
}
