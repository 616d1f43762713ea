package asyncio_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
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
