package asyncio_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A program in which a variable is set whose package it does not import says so once,
// and runs. The program is this test, in a process of its own.
func TestEnvironmentWithoutItsPackage(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	if asynctest.InChild() {
		for range 2 {
			if err := asyncio.Run(t.Context(), func(context.Context) error { return nil }); err != nil {
				t.Error(err)
			}
		}
		return
	}
	program := asynctest.Child(t)
	program.Env = append(program.Env, "ASYNCIO_CONSOLE=1", "ASYNCIO_TRACE=0")
	var stderr bytes.Buffer
	program.Stderr = &stderr
	if err := program.Run(); err != nil {
		t.Fatal(err)
	}
	const want = "import _ \"github.com/asyncio-go/asyncio/console\"\n"
	if got := stderr.String(); strings.Count(got, want) != 1 || strings.Contains(got, "ASYNCIO_TRACE") {
		t.Errorf("standard error is %q, want %q in it, once, and nothing about ASYNCIO_TRACE", got, want)
	}
}

func TestWatchLoops(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	var made, ended []*engine.Loop
	stop := config.WatchLoops(&config.LoopWatcher{
		Made:  func(l *engine.Loop) { made = append(made, l) },
		Ended: func(l *engine.Loop) { ended = append(ended, l) },
	})
	defer stop()
	var inside []*engine.Loop
	run := func() {
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			l := engine.LoopOf(ctx)
			inside = append(inside, l)
			if slices.Contains(ended, l) {
				t.Error("the end of a loop is told while it runs")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	run()
	run()
	if !slices.Equal(made, inside) || !slices.Equal(ended, inside) {
		t.Errorf("%d loops have run; told were the start of %d and the end of %d", len(inside), len(made), len(ended))
	}
	stop()
	run()
	if len(made) != 2 {
		t.Error("a loop was told after stop")
	}
}
