package main

import (
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourexport"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourweb"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// TestTourInChromium does with the tour what a reader does. It needs node, what npm ci
// fetches, and Chromium.
func TestTourInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a browser")
	}
	node := asynctest.NodeWithBrowser(t, filepath.Join("..", "..", "console", "page"))
	t.Run("site", func(t *testing.T) {
		asynctest.SkipUnderRace(t, "one goroutine packs the site, and what it runs is in the browser")
		folder := t.TempDir()
		if err := tourexport.Export(t.Context(), folder, io.Discard); err != nil {
			t.Fatal(err)
		}
		look(t, node, "site", folder)
	})
	t.Run("web", func(t *testing.T) {
		address, stop := serveTour(t)
		look(t, node, "web", address)
		stop()
	})
}

// serveTour serves the tour from a lesson on, and returns the address that is printed.
func serveTour(t *testing.T) (address string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := tourweb.Serve(ctx, tourweb.Options{Address: "127.0.0.1:0", Lesson: "gather", Edit: true, Out: w})
		w.CloseWithError(io.EOF)
		ended <- err
	}()
	line := make([]byte, 500)
	n, err := r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, r)
	_, rest, _ := strings.Cut(string(line[:n]), "The tour is at ")
	address, _, _ = strings.Cut(rest, "\n")
	return address, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func look(t *testing.T, node string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), node, append([]string{filepath.Join("testdata", "browser", "tour.mjs")}, args...)...)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
