//go:build unix

package top

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/fakeconsole"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// until reads messages of a feed up to one that is looked for.
func until[T tea.Msg](t *testing.T, f *Feed, wanted func(T) bool) T {
	t.Helper()
	for {
		select {
		case msg := <-f.out:
			if m, ok := msg.(T); ok && wanted(m) {
				return m
			}
		case <-t.Context().Done():
			t.Fatal("it does not come")
		}
	}
}

func TestFeedFindsProgramsAndTellsOfTheirEnd(t *testing.T) {
	dir := fakeconsole.Folder(t)
	me := os.Getpid()
	console := fakeconsole.Shop(me)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := &Feed{}
	f.Start(ctx)
	until(t, f, func(looked) bool { return true }) // nobody is there yet
	stop := console.Listen(t, filepath.Join(dir, fmt.Sprint(me, ".sock")))
	j := until(t, f, func(j joined) bool { return j.key == key{me, 1} })
	if j.program != "shop" || !j.actions {
		t.Errorf("%+v", j)
	}
	go console.Tell(&wire.State{Snapshot: *console.Snapshots[1], Full: true})
	s := until(t, f, func(s told) bool { return s.key == j.key })
	if len(s.state.Tasks) != len(console.Snapshots[1].Tasks) {
		t.Errorf("%d tasks", len(s.state.Tasks))
	}
	stop()
	if l := until(t, f, func(l left) bool { return l.key == j.key }); l.why != "the program has ended" {
		t.Error(l.why)
	}
}

func TestFeedOfGivenPrograms(t *testing.T) {
	console := fakeconsole.Shop(4242)
	console.Hello.Loops = append(console.Hello.Loops, wire.Loop{ID: 2, Name: "loop 2"})
	console.Snapshots[2] = console.Snapshots[1]
	console.NoLive = true // so it asks, again and again
	address, err := client.Parse("tcp:" + console.ListenTCP(t))
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Open(t.Context(), address, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := &Feed{Consoles: []*client.Client{c}, Loop: 2}
	f.Start(ctx)
	for range 2 {
		until(t, f, func(s told) bool {
			if s.key != (key{4242, 2}) {
				t.Errorf("told of %v", s.key)
			}
			return true
		})
	}
}
