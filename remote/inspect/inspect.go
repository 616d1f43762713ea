package inspect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/internal/protocol"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// MostFailures is how many failures a State lists.
const MostFailures = 100

// A State is what there is at one moment, or nearly: the parts are asked for one after
// another.
type State struct {
	Prefix   string                `json:"prefix"`
	At       time.Time             `json:"at"`       // by the server's clock, as are all times but Since of a worker
	Jobs     uint64                `json:"jobs"`     // queued or running
	Queue    []Function            `json:"queue"`    // by name and version
	Running  []Running             `json:"running"`  // the longest first
	Workers  []remote.Announcement `json:"workers"`  // by name
	Failed   uint64                `json:"failed"`   // jobs that have failed, and are kept
	Failures []Failure             `json:"failures"` // the newest of them, newest first
}

// A Function is what is queued for a version of a function.
type Function struct {
	Name    string `json:"function"` // "" stands for many that no worker has ever served
	Version string `json:"version"`
	Waiting uint64 `json:"waiting"` // jobs that no worker has got yet
	Held    int    `json:"held"`    // jobs that workers have got: they run, or wait for another attempt
	Workers int    `json:"workers"` // how many serve it now
	// Oldest is when the oldest of the waiting ones was submitted; zero if none waits, or
	// if no worker has ever served the function.
	Oldest time.Time `json:"oldest,omitzero"`
}

// A Running job is one that a worker runs.
type Running struct {
	remote.Running
	Worker string `json:"worker"`
}

// Read asks a server what there is. It takes at least 0.3 s, in which workers may answer.
// What no program has made yet, on a new server, is empty.
func Read(ctx context.Context, nc *nats.Conn, prefix string) (State, error) {
	r, err := newReader(nc, prefix)
	if err != nil {
		return State{}, err
	}
	s := State{Prefix: prefix, At: time.Now(), Queue: []Function{}, Running: []Running{}, Workers: []remote.Announcement{}, Failures: []Failure{}}
	if err := r.queue(ctx, &s); err != nil {
		return State{}, explained(err)
	}
	if err := r.failures(ctx, &s); err != nil {
		return State{}, explained(err)
	}
	if err := r.workers(ctx, &s); err != nil {
		return State{}, explained(err)
	}
	return s, nil
}

// A reader asks one server about one prefix.
type reader struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	names  protocol.Names
	prefix string
}

func newReader(nc *nats.Conn, prefix string) (*reader, error) {
	if err := protocol.CheckName("the prefix", prefix); err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	return &reader{nc, js, protocol.Names(prefix), prefix}, nil
}

// stream returns a stream, or nil if no program has made it yet.
func (r *reader) stream(ctx context.Context, name string) (jetstream.Stream, error) {
	s, err := r.js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, nil
	}
	return s, err
}

// explained says what to do about an error, where that is known.
func explained(err error) error {
	switch {
	case errors.Is(err, nats.ErrNoResponders), errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("inspect: the server runs without JetStream, or this account must not use it; start it with -js: %w", err)
	default:
		return fmt.Errorf("inspect: %w", err)
	}
}
