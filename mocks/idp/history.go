package idp

import "time"

// Entry is one thing that happened at the source.
type Entry struct {
	At time.Time `json:"at"`
	// What is login_page, face_page, sign_in, or the endpoint that was called.
	What string `json:"what"`
	// Person is who signed in or whose token it was, where there is one.
	Person string `json:"person,omitempty"`
	// Outcome is ok, an OAuth error code, or fault:<mode>.
	Outcome string `json:"outcome"`
}

// Counts says how often each thing happened since the start or the last
// clearing. Refusals and faults are counted by Refused alone.
type Counts struct {
	Discovery  int `json:"discovery"`
	JWKS       int `json:"jwks"`
	LoginPages int `json:"login_pages"` // pages somebody had to look at
	FacePages  int `json:"face_pages"`  // face checks somebody had to pass
	SignIns    int `json:"sign_ins"`    // people sent back with a code
	TokenCalls int `json:"token_calls"` // calls of the token endpoint, refused ones too
	UserInfos  int `json:"userinfos"`   // userinfo answers
	Refused    int `json:"refused"`     // refusals and faults, anywhere
}

// History is what happened, oldest first, the newest ten thousand.
func (s *Server) History() []Entry { return s.tape.All() }

// Counts are the counts so far.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Forget clears history and counts.
func (s *Server) Forget() {
	s.tape.Clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = Counts{}
}

func (s *Server) note(e Entry) {
	e.At = s.now().UTC()
	s.tape.Add(e)
	if e.Outcome != "ok" {
		s.count(func(c *Counts) { c.Refused++ })
	}
}

func (s *Server) count(f func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.counts)
}
