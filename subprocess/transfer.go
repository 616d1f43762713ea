package subprocess

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A transfer is what a task copies between a process and this program.
type transfer struct {
	dst   io.Writer
	src   io.Reader
	pipe  *streams.Pipe // our end of the pipe, which is dst or src
	feeds bool          // it copies the input of the process
	ended bool          // we have closed the pipe
	err   error         // an error that neither we nor the process have caused
}

// feed is a transfer into the process.
func feed(pipe *streams.Pipe, src io.Reader) *transfer {
	return &transfer{dst: pipe, src: src, pipe: pipe, feeds: true}
}

// drain is a transfer out of the process.
func drain(dst io.Writer, pipe *streams.Pipe) *transfer {
	return &transfer{dst: dst, src: pipe, pipe: pipe}
}

// run copies. No cancellation interrupts its reads and writes of the pipe: a process that
// was asked to end may have more to write, and could not end if no one read it.
func (t *transfer) run(ctx context.Context) error {
	defer t.pipe.Close() // runs after a panic, too: a process must not wait for ever for a reader
	kept := t.pipe.WithContext(context.WithoutCancel(ctx))
	dst, src := t.dst, t.src
	if t.feeds {
		dst = kept
	} else {
		src = kept
	}
	_, err := io.Copy(dst, src)
	if !t.ended && !(t.feeds && noOneReads(err)) {
		t.err = err
	}
	return nil
}

// noOneReads reports whether the process did not want its input, or no longer.
func noOneReads(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed)
}

// transfers are the transfers of one process.
type transfers struct {
	all   []*transfer
	tasks []*asyncio.Task[struct{}]
}

func startTransfers(tg *asyncio.TaskGroup, all []*transfer) *transfers {
	ts := &transfers{all: all}
	for _, t := range all {
		ts.tasks = append(ts.tasks, tg.Go(t.run))
	}
	return ts
}

// finish ends the transfers of a process that has ended: its input at once, its
// output when all has been read. If another process keeps the output open, finish
// waits no longer than WaitDelay.
func (ts *transfers) finish(ctx context.Context, c *Cmd) error {
	for i, t := range ts.all {
		if t.feeds {
			ts.stop(i)
		}
	}
	delay, limited := c.waitDelay()
	if !limited {
		delay = 0
	}
	// After a cancellation, what has not ended is late, too.
	_, late, _ := asyncio.Wait(ctx, ts.tasks, asyncio.AllCompleted, delay)
	if len(late) == 0 {
		return ts.err()
	}
	for i := range ts.all {
		ts.stop(i)
	}
	_, _, _ = asyncio.Wait(ctx, ts.tasks, asyncio.AllCompleted, 0) // they were stopped, so they end
	return ErrWaitDelay
}

// stop ends one of the transfers, wherever it waits.
func (ts *transfers) stop(i int) {
	if ts.tasks[i].Cancel() {
		ts.all[i].ended = true
		_ = ts.all[i].pipe.Close()
	}
}

func (ts *transfers) err() error {
	for _, t := range ts.all {
		if t.err != nil {
			return t.err
		}
	}
	return nil
}
