package access

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/miniapp"
)

// byStatusList is the manifest's check of apps that read status lists.
const byStatusList = "status_list"

const (
	// StatusTTL is how long a back end may keep a status list. Our choice, half
	// of what a signed-out person may be asked to wait.
	StatusTTL = 15 * time.Second
	// statusLife is until when a list can be believed at all, however it came.
	// Our choice: the 60 s that are the bound for every revocation.
	statusLife = 60 * time.Second
	// statusKept is how long a process answers with a list that nothing is known
	// to have changed. Our choice.
	statusKept = 5 * time.Second
	// firstList and largestList are how many places lists have: an app's next is
	// twice its last. Our choice: among 65,536 places one says nothing, and
	// 1,048,576 are 128 KiB before compression.
	firstList, largestList = 1 << 16, 1 << 20
	// draws is how many places are drawn for a grant. A list in which all are
	// taken is full enough, and the app gets a new one: at half, once in 256.
	draws = 8
	// statusPath is under which lists stand.
	statusPath = "/status/"
	// statusType is the header's typ of a list (Token Status List §5.1).
	statusType = "statuslist+jwt"
)

// statusClaim refers to a token's status (Token Status List §6.1).
type statusClaim struct {
	List struct {
		Index int64  `json:"idx"`
		URI   string `json:"uri"`
	} `json:"status_list"`
}

// statusOf gives the reference of a grant's tokens; nil where there is no list.
func (s *Service) statusOf(g Grant) *statusClaim {
	if g.Place.List == "" {
		return nil
	}
	c := &statusClaim{}
	c.List.Index, c.List.URI = g.Place.Index, s.d.Config.Issuer+statusPath+g.Place.List
	return c
}

// place draws a free place for a new grant of the app: at random, so that it
// tells nothing of when and how many. It is zero for an app that checks otherwise.
func (s *Service) place(ctx context.Context, app miniapp.App) (Place, error) {
	const op = "access.place"
	if app.Manifest.Token.Check != byStatusList {
		return Place{}, nil
	}
	list, err := s.d.Store.NewestList(ctx, app.ID)
	if fault.Is(err, fault.NotFound) {
		list, err = s.openList(ctx, app.ID, firstList)
	}
	for range 2 {
		if err != nil {
			break
		}
		drawn := drawn(list.Size)
		taken, lookErr := s.d.Store.Taken(ctx, list.ID, drawn)
		if lookErr != nil {
			return Place{}, fault.Wrap(op, lookErr)
		}
		for _, index := range drawn {
			if !slices.Contains(taken, index) {
				return Place{List: list.ID, Index: index}, nil
			}
		}
		list, err = s.openList(ctx, app.ID, min(2*list.Size, largestList))
	}
	if err == nil {
		err = fault.New(op, fault.Unavailable, "STATUS_PLACE_TAKEN")
	}
	return Place{}, fault.Wrap(op, err)
}

// drawn gives places of a list, each as likely; size is a power of two.
func drawn(size int64) []int64 {
	raw := make([]byte, 8*draws)
	_, _ = rand.Read(raw) // never fails
	list := make([]int64, draws)
	for i := range list {
		list[i] = int64(binary.BigEndian.Uint64(raw[8*i:]) % uint64(size))
	}
	return list
}

func (s *Service) openList(ctx context.Context, app ids.AppID, size int64) (List, error) {
	l := List{ID: s.d.IDs.Secret(), App: app, Size: size, OpenedAt: s.d.Clock.Now()}
	return l, s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error { return s.d.Store.PutList(ctx, u, l) })
}

// StatusList is a signed status list, as anybody may read it.
type StatusList struct {
	Token string
	// ETag is the token's, quoted.
	ETag string
	// Left is for how long it may still be kept.
	Left time.Duration
}

// keptList is a list that this process made before.
type keptList struct {
	StatusList
	began changes.Epoch
	at    time.Time
}

func listKey(id string) changes.Key { return changes.Key("access/status/" + id) }

// StatusList gives a signed status list (Token Status List §5.1): a place is 1
// where its grant has ended, or its app serves nobody. It is no older than what
// this process knows of ends, and at most 5 s. It fails with NotFound
// STATUS_LIST_NOT_FOUND, and Unavailable.
func (s *Service) StatusList(ctx context.Context, id string) (StatusList, error) {
	const op = "access.StatusList"
	if len(id) != 43 { // was never one of ours, and costs no query
		return StatusList{}, fault.New(op, fault.NotFound, "STATUS_LIST_NOT_FOUND")
	}
	if kept, ok := s.lists.GetIfPresent(id); ok {
		age := s.d.Clock.Now().Sub(kept.at)
		if age >= 0 && age < statusKept && s.d.Changes.Valid(kept.began, listKey(id), miniapp.RegistryKey) {
			kept.Left = StatusTTL - age
			return kept.StatusList, nil
		}
	}
	// Many may ask for the one list in the moment in which it became old.
	made, err, _ := s.making.Do(id, func() (any, error) {
		list, err := s.makeList(context.WithoutCancel(ctx), id)
		if err == nil {
			s.lists.Set(id, list)
		}
		return list, err
	})
	if err != nil {
		return StatusList{}, fault.Wrap(op, err)
	}
	return made.(keptList).StatusList, nil
}

// statusClaims are a status list's claims.
type statusClaims struct {
	Issuer   string     `json:"iss"`
	Subject  string     `json:"sub"` // its own address
	IssuedAt int64      `json:"iat"`
	Expires  int64      `json:"exp"`
	TTL      int64      `json:"ttl"` // seconds
	List     statusBits `json:"status_list"`
}

type statusBits struct {
	Bits int    `json:"bits"`
	List string `json:"lst"`
}

func (s *Service) makeList(ctx context.Context, id string) (keptList, error) {
	kept := keptList{began: s.d.Changes.Now(), at: s.d.Clock.Now()}
	list, ended, err := s.d.Store.List(ctx, id)
	if err != nil {
		return keptList{}, err
	}
	app, err := s.d.Apps.Known(ctx, list.App)
	if err != nil {
		return keptList{}, err
	}
	bits := make([]byte, list.Size/8)
	if !app.Serves() {
		bits = bytes.Repeat([]byte{0xff}, len(bits))
	}
	for _, index := range ended {
		bits[index/8] |= 1 << (index % 8)
	}
	packed, err := pack(bits)
	if err != nil {
		return keptList{}, err
	}
	kept.Token, err = s.d.Signing.JWT(ctx, signing.ES256, statusType, statusClaims{
		Issuer: s.d.Config.Issuer, Subject: s.d.Config.Issuer + statusPath + id, IssuedAt: kept.at.Unix(), Expires: kept.at.Add(statusLife).Unix(),
		TTL: int64(StatusTTL / time.Second), List: statusBits{Bits: 1, List: packed},
	})
	sum := sha256.Sum256([]byte(kept.Token))
	kept.ETag, kept.Left = `"`+base64.RawURLEncoding.EncodeToString(sum[:16])+`"`, StatusTTL
	return kept, err
}

// pack compresses a list and writes it as JSON wants it (Token Status List §4.2).
func pack(bits []byte) (string, error) {
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, zlib.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(bits); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(out.Bytes()), nil
}
