// Package servers starts Redis and PostgreSQL for the tests of a package: each at its
// first use, in a directory of its own, on a free port of the loopback. They end with the
// test binary, however that ends.
//
// Where a program is not installed, the server that REDIS_URL or DATABASE_URL names is
// used, and without one the test is skipped.
package servers

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// patience is how long a server may take until it answers. It decides nothing: a server
// that needs it is broken.
const patience = 30 * time.Second

// ErrNotInstalled is wrapped by the error that says what to install, or which variable to
// set.
var ErrNotInstalled = errors.New("it is not installed")

// A kind of server, which is started once.
type kind struct {
	name     string
	variable string // names the URL of one that runs already
	debian   string // the package to install
	start    func() (url string, err error)
	once     sync.Once
	url      string
	err      error
}

var (
	theRedis    = kind{name: "Redis", variable: "REDIS_URL", debian: "redis-server", start: startRedis}
	thePostgres = kind{name: "PostgreSQL", variable: "DATABASE_URL", debian: "postgresql", start: startPostgres}
)

// Redis returns the URL of a Redis server, which it starts if need be.
func Redis() (url string, err error) { return theRedis.theURL() }

// Postgres returns the URL of a PostgreSQL server, which it starts if need be.
func Postgres() (url string, err error) { return thePostgres.theURL() }

func (k *kind) theURL() (string, error) {
	k.once.Do(func() { k.url, k.err = k.find() })
	return k.url, k.err
}

func (k *kind) find() (string, error) {
	url, err := k.start()
	switch given := os.Getenv(k.variable); {
	case err == nil:
		return url, nil
	case !errors.Is(err, ErrNotInstalled):
		return "", fmt.Errorf("%s does not start: %w", k.name, err)
	case given != "":
		return given, nil
	}
	return "", fmt.Errorf("there is no %s: %w; install Debian's package %s, or set %s to the URL of a server for tests",
		k.name, err, k.debian, k.variable)
}

// OrSkip returns the URL that Redis or Postgres has returned, or skips the test if there
// is no server.
func OrSkip(t testing.TB, server func() (url string, err error)) (url string) {
	t.Helper()
	url, err := server()
	if errors.Is(err, ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// freePort returns a port that was free a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// onFreePort starts a server on a port that no one else has taken meanwhile. The start
// function tells a server of another process by the password.
func onFreePort(start func(port int, password string) error) (port int, password string, err error) {
	for range 3 {
		if port, err = freePort(); err != nil {
			return 0, "", err
		}
		password = rand.Text()
		if err = start(port, password); err == nil {
			return port, password, nil
		}
	}
	return 0, "", fmt.Errorf("three times in vain, at last: %w", err)
}
