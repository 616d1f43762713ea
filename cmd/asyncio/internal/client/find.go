package client

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio/internal/consoledir"
)

// helloTimeout bounds how long a search waits for one program: a stopped one must not
// hide the others.
const helloTimeout = 3 * time.Second

// A Program is one that has a console, or that should answer and does not.
type Program struct {
	PID    int
	Client *Client // nil if it does not answer
	Err    error   // why
}

// Find looks for the programs of this user that have consoles, and greets them all at
// once, with the token for those that ask for one: they all belong to this user. Sockets
// of those that have ended are removed. The error is of a folder that does not belong to
// the user alone.
func Find(ctx context.Context, token string) ([]Program, error) {
	sockets, err := consoledir.List()
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, fail(Failed, err, "%v", err)
	}
	found := make([]Program, len(sockets))
	var wg sync.WaitGroup
	for i, s := range sockets {
		wg.Go(func() { found[i] = greet(ctx, s, token) })
	}
	wg.Wait()
	var programs []Program
	for _, p := range found {
		if p.PID != 0 {
			programs = append(programs, p)
		}
	}
	if err != nil {
		err = fail(reasonOf(err), err, "%v", err)
	}
	return programs, err
}

func greet(ctx context.Context, s consoledir.Socket, token string) Program {
	ctx, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	if dead(ctx, s) {
		return Program{}
	}
	// By its path: in a container the process may have another number than outside.
	c, err := Open(ctx, Address{unix: s.Path}, token)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fail(Failed, err, "process %d does not answer: is it stopped?", s.PID)
	}
	return Program{PID: s.PID, Client: c, Err: err}
}

// dead tells whether nobody listens on a socket, and removes it if its process has ended
// as well. Both have to be true: where a queue is full, macOS refuses connections too.
func dead(ctx context.Context, s consoledir.Socket) bool {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", s.Path)
	if err == nil {
		conn.Close()
		return false
	}
	if alive, _ := consoledir.Alive(s.PID); !alive && errors.Is(err, syscall.ECONNREFUSED) {
		os.Remove(s.Path) // the next one tries again
		return true
	}
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist)
}
