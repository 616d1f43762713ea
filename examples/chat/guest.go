package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// limits are what one guest may cost the others.
type limits struct {
	backlog  int           // lines that wait for a guest who reads slowly
	patience time.Duration // how long one line may take on its way
	idle     time.Duration // how long a guest may say nothing before it is asked for a sign of life
	line     int           // bytes of a line
}

// A guest is one connection.
type guest struct {
	name, room string
	conn       net.Conn
	outbox     *asyncio.Queue[string]
	lost       int // lines that found the outbox full, since the last that did not
}

// tell puts a line into the guest's outbox. It never waits: a guest who does
// not read must not keep those who talk. What finds the outbox full is lost,
// and the guest is told how much.
func (g *guest) tell(line string) {
	if g.lost > 0 {
		if g.outbox.TryPut(fmt.Sprintf("* you read too slowly: %d lines are lost", g.lost)) != nil {
			g.lost++
			return
		}
		g.lost = 0
	}
	if err := g.outbox.TryPut(line); errors.Is(err, asyncio.ErrQueueFull) {
		g.lost++
	}
}

func (g *guest) tellAll(lines []string) {
	for _, line := range lines {
		g.tell(line)
	}
}

// stay is a guest's stay, from its name to its leave: one task reads what the
// guest says, and another writes what there is to read.
func (h *hall) stay(ctx context.Context, conn net.Conn, l limits) error {
	g := &guest{conn: conn, outbox: asyncio.NewQueue[string](l.backlog)}
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(func(ctx context.Context) error { return g.write(ctx, l) }, asyncio.Name("writer"))
		defer g.outbox.Shutdown(false) // the writer writes what is left, and ends
		defer h.part(g)
		return h.listen(ctx, g, l)
	})
	if _, broken := errors.AsType[net.Error](err); broken {
		return nil // it has left without a word, or was too slow
	}
	return err
}

// write writes the outbox to the connection.
func (g *guest) write(ctx context.Context, l limits) error {
	for line, err := range g.outbox.All(ctx) {
		if err != nil {
			return err
		}
		if err := g.conn.SetWriteDeadline(time.Now().Add(l.patience)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(g.conn, "%s\r\n", line); err != nil {
			return err
		}
	}
	return nil
}

// listen does what the guest says, until it leaves, hangs up, is asked to leave, or gives
// no sign of life. One whose network is cut off does not hang up, and a write to it does
// not fail for long: without an answer, there is no way to know that it has gone.
func (h *hall) listen(ctx context.Context, g *guest, l limits) error {
	g.tell("* what is your name?")
	in := streams.NewReader(g.conn, l.line)
	asked := false // whether it is still there
	for !h.closed {
		limit := l.idle
		if asked {
			limit = l.patience
		}
		line, err := readLine(ctx, in, limit)
		silent := errors.Is(err, asyncio.ErrTimeout)
		_, tooLong := errors.AsType[*streams.LimitOverrunError](err)
		switch {
		case tooLong:
			g.tell("* that was too long")
		case silent && !asked:
			g.tell("* are you still there? press Enter")
		case silent, err == io.EOF, errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return err
		case h.do(g, textOf(line)):
			return nil
		}
		asked = silent
	}
	return nil
}

func readLine(ctx context.Context, in *streams.Reader, limit time.Duration) (line []byte, err error) {
	err = asyncio.WithTimeout(ctx, limit, func(context.Context) (err error) {
		line, err = in.ReadLine()
		return err
	})
	return line, err
}

// textOf returns what may be shown to others: without what their terminals
// would obey.
func textOf(line []byte) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, string(line)) // what is not UTF-8 becomes U+FFFD
	return strings.TrimSpace(text)
}
