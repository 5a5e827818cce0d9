package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// redis is a Redis of our own on loopback; nil where the machine has none.
type redis struct {
	address string
	cmd     *exec.Cmd
}

func startRedis(ctx context.Context, dir string) (*redis, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, nil //nolint:nilnil // the type says what nil means
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	_ = ln.Close()
	r := &redis{address: "127.0.0.1:" + port, cmd: exec.CommandContext(ctx, program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir)}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	for range 100 {
		if _, err := r.trips(); err == nil {
			return r, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.stop()
	return nil, fmt.Errorf("redis-server never answered at %s", r.address)
}

func (r *redis) stop() {
	if r != nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
	}
}

var sets = regexp.MustCompile(`cmdstat_set:calls=(\d+)`)

// trips is how often Redis was asked: each limit is a script that sets one key,
// each proof of a read a SET.
func (r *redis) trips() (int64, error) {
	if r == nil {
		return 0, nil
	}
	conn, err := net.DialTimeout("tcp", r.address, time.Second)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("INFO commandstats\r\n")); err != nil {
		return 0, err
	}
	in := bufio.NewReader(conn)
	header, err := in.ReadString('\n')
	if err != nil {
		return 0, err
	}
	size, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(header, "$")))
	if err != nil {
		return 0, err
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(in, body); err != nil {
		return 0, err
	}
	sum := int64(0)
	for _, m := range sets.FindAllStringSubmatch(string(body), -1) {
		n, _ := strconv.ParseInt(m[1], 10, 64)
		sum += n
	}
	return sum, nil
}
