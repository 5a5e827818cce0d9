package province

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// listener is an HTTP server that can be killed and come back on its port.
type listener struct {
	address string
	handler http.Handler

	mu     sync.Mutex
	socket net.Listener
	server *http.Server
	served chan struct{} // closed when the running server's loop has ended
}

// newListener takes the port; nothing is served before serve.
func newListener(port int) (*listener, error) {
	socket, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	return &listener{address: socket.Addr().String(), socket: socket}, nil
}

func (l *listener) serve(h http.Handler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handler = h
	l.run()
}

// run serves on l.socket; l.mu is held.
func (l *listener) run() {
	server := &http.Server{Handler: l.handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan struct{})
	l.server, l.served = server, served
	socket := l.socket
	go func() {
		defer close(served)
		_ = server.Serve(socket) // always fails, with ErrServerClosed when told to end
	}()
}

func (l *listener) kill() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		return nil
	}
	err := l.server.Close()
	<-l.served
	l.server, l.socket = nil, nil
	return err
}

func (l *listener) restart() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server != nil {
		return nil
	}
	socket, err := net.Listen("tcp", l.address)
	if err != nil {
		return err
	}
	l.socket = socket
	l.run()
	return nil
}

func (l *listener) running() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.server != nil
}

// close lets requests end for the grace, then breaks them.
func (l *listener) close(grace time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		if l.socket == nil {
			return nil
		}
		return l.socket.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := l.server.Shutdown(ctx)
	if err != nil {
		err = l.server.Close()
	}
	<-l.served
	l.server, l.socket = nil, nil
	return err
}
