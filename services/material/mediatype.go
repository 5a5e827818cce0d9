package material

import (
	"bytes"
	"slices"
)

// The media types taken. OFD (GB/T 33190) is the national format of fixed
// layouts; its type is the one in use, no registry has it.
const (
	PDF  = "application/pdf"
	PNG  = "image/png"
	JPEG = "image/jpeg"
	OFD  = "application/ofd"
)

// MediaTypes gives the types taken.
func MediaTypes() []string { return []string{PDF, PNG, JPEG, OFD} }

// begins is how a file of the type begins.
func begins(mediaType string) []byte {
	switch mediaType {
	case PDF:
		return []byte("%PDF-")
	case PNG:
		return []byte("\x89PNG\r\n\x1a\n")
	case JPEG:
		return []byte("\xff\xd8\xff")
	}
	return []byte("PK\x03\x04") // OFD is a ZIP archive
}

// ofdEntry is the file that every OFD archive names.
const ofdEntry = "OFD.xml"

// look watches a content go by and tells whether it is of its type.
type look struct {
	mediaType string
	tail      []byte // of what went by, as long as may hold a part of ofdEntry
	good      bool
	named     bool // ofdEntry was seen
	begun     bool
}

// add takes the next piece; the first holds at least eight bytes, or all there is.
func (l *look) add(piece []byte) {
	if !l.begun {
		l.begun, l.good = true, bytes.HasPrefix(piece, begins(l.mediaType))
	}
	if l.mediaType != OFD || l.named {
		return
	}
	joint := append(slices.Clone(l.tail), piece[:min(len(piece), len(ofdEntry))]...)
	l.named = bytes.Contains(joint, []byte(ofdEntry)) || bytes.Contains(piece, []byte(ofdEntry))
	l.tail = slices.Clone(piece[max(0, len(piece)-len(ofdEntry)):])
}

func (l *look) ok() bool { return l.good && (l.mediaType != OFD || l.named) }
