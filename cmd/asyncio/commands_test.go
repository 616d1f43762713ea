package main

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/rogpeppe/go-internal/testscript"
)

// status runs a command and checks its exit status: status 2 asyncio ...
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status number command [argument ...]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// plain checks that a file or stdout is text without control codes.
func plain(ts *testscript.TestScript, neg bool, args []string) {
	for line := range strings.Lines(read(ts, neg, "plain file", args, 1)) {
		for _, r := range strings.TrimSuffix(line, "\n") {
			if unicode.IsControl(r) || r == utf8.RuneError {
				ts.Fatalf("character %q in line %q", r, line)
			}
		}
	}
}

// narrow checks that no line of a file is wider than so many columns.
func narrow(ts *testscript.TestScript, neg bool, args []string) {
	text := read(ts, neg, "narrow file columns", args, 2)
	limit, err := strconv.Atoi(args[1])
	ts.Check(err)
	for line := range strings.Lines(text) {
		if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > limit {
			ts.Fatalf("%d columns in line %q", w, line)
		}
	}
}

func read(ts *testscript.TestScript, neg bool, usage string, args []string, count int) string {
	if neg || len(args) != count {
		ts.Fatalf("usage: %s", usage)
	}
	return ts.ReadFile(args[0])
}
