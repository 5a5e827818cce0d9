//go:build unix

package provincehttp

import "syscall"

// readable tells whether a read of the socket would give anything at once: a
// byte, the end or an error. The socket never blocks, as all of Go's; a byte
// that is read here is lost, and the connection with it.
func readable(fd uintptr) bool {
	var b [1]byte
	for {
		_, err := syscall.Read(int(fd), b[:])
		if err == syscall.EINTR {
			continue
		}
		return err != syscall.EAGAIN && err != syscall.EWOULDBLOCK
	}
}
