package main

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
)

// A relay brings bytes from one connection to another and back.
type relay struct {
	counters *counters
	idle     time.Duration // without a byte in either direction; 0: no limit
	rate     int           // bytes a second in each direction; 0: no limit
}

// run relays until both sides have said all they have to say.
func (r *relay) run(ctx context.Context, client, server net.Conn) error {
	if r.idle == 0 {
		return r.both(ctx, client, server, func() {})
	}
	return asyncio.WithTimeout(ctx, r.idle, func(ctx context.Context) error {
		t := asyncio.TimeoutOf(ctx)
		loop := asyncio.RunningLoop(ctx)
		return r.both(ctx, client, server, func() { t.Reschedule(loop.Now().Add(r.idle)) })
	})
}

// both has a task for each direction. When one fails, the group cancels the
// other; when one comes to its end, the other goes on.
func (r *relay) both(ctx context.Context, client, server net.Conn, alive func()) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(func(ctx context.Context) error {
			return r.pump(ctx, server, client, &r.counters.up, alive)
		}, asyncio.Name("up"))
		return r.pump(ctx, client, server, &r.counters.down, alive)
	})
}

// pump brings what src says to dst, and in the end that src has no more to
// say. A dst that is slow keeps it from reading, so that one buffer is all the
// memory that a direction takes.
func (r *relay) pump(ctx context.Context, dst, src net.Conn, count *int64, alive func()) error {
	buf := make([]byte, r.bufferSize())
	for {
		n, err := src.Read(buf)
		if n > 0 {
			if _, err := dst.Write(buf[:n]); err != nil {
				return err
			}
			*count += int64(n)
			alive()
			if err := r.pace(ctx, n); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return closeWrite(dst)
		case err != nil:
			return err
		}
	}
}

// bufferSize is a tenth of a second's bytes, if there is a rate, so that they
// flow evenly.
func (r *relay) bufferSize() int {
	const most = 32 << 10
	if r.rate == 0 {
		return most
	}
	return min(most, max(1, r.rate/10))
}

// pace waits for as long as n bytes take.
func (r *relay) pace(ctx context.Context, n int) error {
	if r.rate == 0 {
		return nil
	}
	return asyncio.Sleep(ctx, time.Duration(n)*time.Second/time.Duration(r.rate))
}

// closeWrite tells the other end that no more will come. What has no half to
// close is closed.
func closeWrite(c net.Conn) error {
	half, ok := c.(interface{ CloseWrite() error })
	if !ok {
		return c.Close()
	}
	if err := half.CloseWrite(); !isGone(err) {
		return err
	}
	return nil
}

// isGone reports whether an error says no more than that a peer is gone, was
// not to be reached, or has been silent for too long: that is how connections
// end.
func isGone(err error) bool {
	if errors.Is(err, asyncio.ErrTimeout) || errors.Is(err, io.EOF) {
		return true
	}
	_, broken := errors.AsType[net.Error](err)
	_, none := errors.AsType[noConnection](err)
	return broken || none
}
