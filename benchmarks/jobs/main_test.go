package main

import (
	"os"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/benchmarks/internal/command"
)

func TestMain(m *testing.M) {
	if obeyed, err := obey(); obeyed {
		command.Exit("jobs", err)
	}
	os.Exit(m.Run())
}

// Each side does its jobs, with real servers and workers, and says what that took.
func TestAllSidesWork(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-jobs", "200", "-workers", "2", "-rounds", "1"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, s := range sides {
		if !strings.Contains(out.String(), s.name) {
			t.Errorf("%s is missing in\n%s", s.name, out.String())
		}
	}
	if why := noRedis(); why != "" && !strings.Contains(out.String(), why) {
		t.Errorf("nothing says that %s in\n%s", why, out.String())
	}
}
