package remote_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// aServer is the spec of a server process.
type aServer struct {
	Dir  string
	Port int
}

func init() { addRole("server", runServer) }

func runServer(_ context.Context, spec aServer) error {
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGTERM)
	s, err := embedded.Start(spec.Dir, embedded.Port(spec.Port))
	if err != nil {
		return err
	}
	say("url", s.URL())
	<-ends
	return s.Close()
}

// freePort returns a port that nobody listens on at the moment. It is none of those that
// the system gives out by itself (from 32768, or 49152): while a server is away, any
// connection of another process could have that.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 10_000 + rand.IntN(20_000)
		if ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = ln.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// A land is a server with workers, each in a process of its own.
type land struct {
	t       *testing.T
	dir     string // of diaries
	store   string // of the server
	port    int
	url     string
	server  *process // or nil, if it is in this process
	workers atomic.Int64
	lease   time.Duration // of its workers
	js      jetstream.JetStream
}

// A busy machine ends short leases of workers that nobody has touched, so they are only for
// tests in which a lease is to end.
const (
	shortLease = time.Second
	longLease  = 20 * time.Second
)

// newLand starts a server in this process.
func newLand(t *testing.T) *land {
	t.Helper()
	if !haveSignals {
		t.Skip("processes cannot be stopped and continued on this system")
	}
	l := &land{t: t, dir: t.TempDir(), lease: longLease}
	l.url = startServer(t, t.TempDir()).URL()
	l.noteOwnGaps()
	l.look()
	return l
}

// newLandWithServerProcess starts a server in a process of its own.
func newLandWithServerProcess(t *testing.T) *land {
	t.Helper()
	l := &land{t: t, dir: t.TempDir(), store: t.TempDir(), port: freePort(t), lease: longLease}
	l.startServer()
	l.look()
	return l
}

// noteOwnGaps keeps a diary of the server in this process.
func (l *land) noteOwnGaps() {
	f, err := os.Create(filepath.Join(l.dir, "test.diary"))
	if err != nil {
		l.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		noteGaps(ctx, notebook{f})
	}()
	l.t.Cleanup(func() {
		cancel()
		<-ended
		_ = f.Close() // it was read, or nobody needs it
	})
}

// startServer starts the server again, in the same directory and on the same port.
func (l *land) startServer() {
	l.t.Helper()
	l.server = startProcess(l.t, "server", "the server", aServer{Dir: l.store, Port: l.port})
	l.url = l.server.line("url")
}

// look connects the test to the server, to see what it holds.
func (l *land) look() {
	l.t.Helper()
	js, err := jetstream.New(connect(l.t, l.url))
	if err != nil {
		l.t.Fatal(err)
	}
	l.js = js
}

// worker starts a worker process, with what change changes.
func (l *land) worker(change ...func(*aWorker)) *process {
	l.t.Helper()
	name := "w" + strconv.FormatInt(l.workers.Add(1), 10)
	spec := aWorker{
		URL: l.url, Name: name, Diary: filepath.Join(l.dir, name+".diary"), Parallel: 2, Lease: l.lease, Drain: 20 * time.Second, Version: "1",
	}
	for _, c := range change {
		c(&spec)
	}
	return startProcess(l.t, "worker", name, spec)
}

// state is what a stream holds.
func (l *land) state(stream string) jetstream.StreamState {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		s, err := l.js.Stream(ctx, "asyncio_"+stream)
		switch {
		case err == nil:
			return s.CachedInfo().State
		case ctx.Err() != nil:
			l.t.Fatalf("stream %s: %v", stream, err)
		case errors.Is(err, jetstream.ErrStreamNotFound), errors.Is(err, nats.ErrNoResponders), errors.Is(err, nats.ErrConnectionReconnecting), errors.Is(err, nats.ErrDisconnected):
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// settled checks, when all jobs have ended, that the queue becomes empty, and that each has
// a single result: a second one would have been stored after the first, in its place.
func (l *land) settled(jobs int) {
	l.t.Helper()
	eventually(l.t, "the queue of jobs is empty", func() bool { return l.state("JOBS").Msgs == 0 })
	if s := l.state("RESULTS"); s.Msgs != uint64(jobs) || s.LastSeq != uint64(jobs) {
		l.t.Errorf("there are %d results, and %d were stored, for %d jobs", s.Msgs, s.LastSeq, jobs)
	}
}

// begun waits until a job has begun for the nth time.
func (l *land) begun(id string, n int) {
	l.t.Helper()
	eventually(l.t, "job "+id+" has begun", func() bool { return runs(l.t, l.dir)[id] >= n })
}

// ranOnce checks that no job has begun twice. Who was not stopped by us can still have been
// stopped by a busy machine, for so long that a lease may have ended.
func (l *land) ranOnce() {
	l.t.Helper()
	count := map[string]int{}
	for _, e := range entries(l.t, l.dir) {
		switch e.what {
		case "begin":
			count[e.id]++
		case "gap":
			if ms, err := strconv.Atoi(e.more); err != nil || time.Duration(ms)*time.Millisecond > l.lease/4 {
				l.t.Logf("a process has not run for %s ms: whether jobs have run once cannot be told", e.more)
				return
			}
		}
	}
	for id, n := range count {
		if n > 1 {
			l.t.Errorf("job %s has run %d times, and nobody has touched its worker", id, n)
		}
	}
}
