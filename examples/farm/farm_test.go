package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"go.uber.org/goleak"
)

// TestMain makes the test binary the command itself, if its first argument says so.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "farm":
		os.Args = append(os.Args[:1], os.Args[2:]...)
		main()
		os.Exit(0)
	case len(os.Args) > 1 && os.Args[1] == "worker":
		main()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// TestFarm runs all of it, with processes, of which one is killed.
func TestFarm(t *testing.T) {
	server, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var shown bytes.Buffer
	picture := Picture{Width: 60, Height: 40, Samples: 12}
	f := newFarm(server.URL(), picture, screen{to: &shown, terminal: true})
	err = asyncio.Run(t.Context(), func(ctx context.Context) error {
		if err := f.run(ctx); err != nil {
			return err
		}
		return f.compare(ctx) // an error if the picture is another one
	})
	if err != nil {
		t.Fatal(err)
	}

	tiles := 0
	for _, w := range f.crew {
		if tiles += w.tiles; w.cmd == nil {
			t.Errorf("%s is not of the farm", w.name)
		} else if _, ended := w.cmd.ReturnCode(); !ended {
			t.Errorf("%s goes on", w.name)
		}
	}
	if tiles != 24 || f.done != 24 || len(f.crew) != 3 {
		t.Errorf("%d workers have painted %d tiles, and %d are done; want 3, 24 and 24", len(f.crew), tiles, f.done)
	}
	first := f.crew[0]
	if first.state != killed || f.lost == nil {
		t.Fatalf("the first worker %s", first.state)
	}
	// If the signal was slower than the rest of the tile, the worker has painted it itself.
	if f.lost.by != first && f.again == 0 {
		t.Errorf("%s is by %s, but no job was begun twice", f.lost, f.lost.by.name)
	}
	for _, want := range []string{"24/24 tiles", "▀", "is killed in tile", "worker-3 begins", "with a WorkerPool of"} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("the screen does not show %q", want)
		}
	}
}

func TestPicture(t *testing.T) {
	p := Picture{Width: 20, Height: 10, Samples: 1}
	pixels := func(tile Tile) []byte {
		all, err := tile.paint(t.Context(), func(int) {})
		if err != nil || len(all) != 3*side*side {
			t.Fatalf("%d bytes, %v", len(all), err)
		}
		return all
	}
	tiles := p.tiles()
	if len(tiles) != 2 || bytes.Equal(pixels(tiles[0]), pixels(tiles[1])) {
		t.Errorf("%d tiles, or two that are the same", len(tiles))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tiles[0].paint(ctx, func(int) {}); err != context.Canceled {
		t.Errorf("canceled: %v", err)
	}
	if text := letters(make([]byte, 3*20*10), p); text != strings.Repeat(strings.Repeat(" ", 20)+"\n", 5) {
		t.Errorf("black in letters is %q", text)
	}
}
