package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/subprocess"
)

// prefix keeps what the farm does on a server apart from what others do.
const prefix = "farm"

// lease is short, so that one sees soon that the tile of a killed worker is done again.
const lease = time.Second

// work is a worker. It returns after SIGTERM.
func work(ctx context.Context, url, name string) error {
	nc, err := remote.Dial(ctx, url)
	if err != nil {
		return err
	}
	defer nc.Close()
	opts := []remote.WorkerOption{remote.Prefix(prefix), remote.Lease(lease), remote.Parallel(1), remote.Drain(lease)}
	if name != "" {
		opts = append(opts, remote.WorkerName(name))
	}
	return remote.Serve(ctx, nc, []remote.Registered{paint}, opts...)
}

// dieWithParent ends this process when the one that holds the other end of its input is
// gone, even if that one was killed.
func dieWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin) // whatever ends it
	os.Exit(1)
}

// A worker is a process of ours, or of someone else who works for the farm.
type worker struct {
	number int
	name   string
	cmd    *subprocess.Cmd // nil: someone else's
	state  state
	tiles  int // how many of the tiles in the picture are its
}

type state string

const (
	works  state = "works"
	killed state = "killed"
	guest  state = "not ours"
)

// employ starts a worker and waits for its end. The process ends with the task.
func (f *farm) employ(ctx context.Context) error {
	w := f.worker(fmt.Sprintf("worker-%d", len(f.crew)+1))
	program, err := os.Executable()
	if err != nil {
		return err
	}
	w.cmd = subprocess.Command(program, "worker", "-tied", "-name", w.name)
	w.cmd.Env = append(os.Environ(), remote.EnvURL+"="+f.url)
	w.cmd.Stderr = os.Stderr
	if _, err := w.cmd.StdinPipe(ctx); err != nil { // which dieWithParent reads
		return err
	}
	if err := w.cmd.Start(ctx); err != nil {
		return err
	}
	w.state = works
	f.tell("%s begins, process %d", w.name, w.cmd.Pid())
	err = w.cmd.Wait(ctx)
	if w.state == killed || errors.Is(err, asyncio.ErrCanceled) {
		return nil
	}
	return fmt.Errorf("%s has ended by itself: %w", w.name, err)
}

// kill ends a worker with SIGKILL, in the middle of a tile.
func (f *farm) kill(w *worker, t *tile) {
	w.state, f.lost = killed, t
	_ = w.cmd.Kill() // it has ended by itself: the task that waits for it says so
	f.tell("%s is killed in %v, which another worker gets when the lease of %v is over", w.name, t.Tile, lease)
}

// worker returns the worker of a name, who may be new.
func (f *farm) worker(name string) *worker {
	for _, w := range f.crew {
		if w.name == name {
			return w
		}
	}
	w := &worker{number: len(f.crew) + 1, name: name, state: guest}
	f.crew = append(f.crew, w)
	return w
}
