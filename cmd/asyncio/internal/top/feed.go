package top

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// lookEvery is how often a feed looks for new programs and loops.
const lookEvery = 2 * time.Second

// The messages of a feed.
type (
	// joined: a loop was found.
	joined struct {
		key     key
		program string
		loop    wire.Loop
		console Console
		actions bool
	}
	// told: the state of a loop.
	told struct {
		key   key
		state *wire.Snapshot
	}
	// left: a loop has ended, or its program.
	left struct {
		key key
		why string
	}
	// looked: the programs were looked for; trouble says what was in the way.
	looked struct{ trouble string }
)

// A key tells a loop from all others.
type key struct{ pid, loop int }

// Console is what a program is asked for when someone looks closer.
type Console interface {
	Task(ctx context.Context, loop int, id uint64) (*wire.TaskDetail, error)
	Cancel(ctx context.Context, loop int, id uint64) ([]byte, error)
}

// A Feed tells what happens in programs: those it was given, or, if none, all that can
// be found. It looks again and again, so programs may come and go.
type Feed struct {
	Consoles []*client.Client // none: look for them
	Loop     int              // of each program this one alone; 0: all
	Token    string           // for those that are found and ask for one
	out      chan tea.Msg
	mu       sync.Mutex
	watched  map[key]bool
}

// Start begins to look, until ctx is done. Messages are read with Next.
func (f *Feed) Start(ctx context.Context) {
	f.out, f.watched = make(chan tea.Msg), map[key]bool{}
	go func() {
		for ctx.Err() == nil {
			f.send(ctx, looked{f.look(ctx)})
			pause(ctx, lookEvery)
		}
	}()
}

// Next waits for the next message.
func (f *Feed) Next() tea.Msg { return <-f.out }

func (f *Feed) send(ctx context.Context, m tea.Msg) {
	select {
	case f.out <- m:
	case <-ctx.Done():
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// look looks for loops once, and returns what was in the way.
func (f *Feed) look(ctx context.Context) (trouble string) {
	if f.Consoles != nil {
		for _, c := range f.Consoles {
			if hello, err := c.Greet(ctx); err == nil { // an ended program is told by who watches it
				f.join(ctx, c, hello)
			}
		}
		return ""
	}
	programs, err := client.Find(ctx, f.Token)
	if err != nil {
		trouble = err.Error()
	}
	for _, p := range programs {
		switch {
		case p.Err != nil:
			trouble = p.Err.Error()
		case !f.join(ctx, p.Client, p.Client.Hello):
			p.Client.Close()
		}
	}
	return trouble
}

// join begins to watch the loops of a program that are not watched, and tells whether
// there were any.
func (f *Feed) join(ctx context.Context, c *client.Client, hello wire.Hello) bool {
	found := false
	for _, loop := range hello.Loops {
		k := key{hello.PID, loop.ID}
		if f.Loop != 0 && f.Loop != loop.ID || !f.claim(k) {
			continue
		}
		found = true
		f.send(ctx, joined{k, hello.Program, loop, c, hello.Actions})
		go f.watch(ctx, c, k)
	}
	return found
}

func (f *Feed) claim(k key) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watched[k] {
		return false
	}
	f.watched[k] = true
	return true
}

// watch tells of a loop until it ends. A connection that breaks is made again.
func (f *Feed) watch(ctx context.Context, c *client.Client, k key) {
	for ctx.Err() == nil {
		c.Watch(ctx, k.loop, func(s *wire.Snapshot) error { // why it ends, ended finds out
			f.send(ctx, told{k, s})
			return ctx.Err()
		})
		if why := ended(ctx, c, k); why != "" {
			f.send(ctx, left{k, why})
			f.mu.Lock()
			delete(f.watched, k) // should it come again, it is another one
			f.mu.Unlock()
			return
		}
		pause(ctx, time.Second/2)
	}
}

// ended returns how a loop has ended, or "" if it goes on.
func ended(ctx context.Context, c *client.Client, k key) string {
	hello, err := c.Greet(ctx)
	switch {
	case client.Unreachable(err) || err == nil && hello.PID != k.pid:
		return "the program has ended"
	case err == nil && !slices.ContainsFunc(hello.Loops, func(l wire.Loop) bool { return l.ID == k.loop }):
		return fmt.Sprintf("loop %d has ended", k.loop)
	}
	return ""
}
