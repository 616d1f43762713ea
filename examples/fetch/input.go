package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// target is a line of the input that is meant to be a URL.
type target struct {
	line int    // from 1
	url  string // as it stands there
	err  error  // why it is none
}

// readTargets reads the targets from the file, or from standard input if the
// file is "-".
func readTargets(file string, std stdio) ([]target, error) {
	if file != "-" {
		text, err := os.ReadFile(file)
		return parseTargets(string(text)), err
	}
	if isTerminal(std.in) {
		fmt.Fprintln(std.err, "fetch: type URLs, one a line; Ctrl-D ends them")
	}
	text, err := io.ReadAll(std.in)
	return parseTargets(string(text)), err
}

// parseTargets finds the targets in a text: one on each line that is neither
// blank nor a comment.
func parseTargets(text string) []target {
	const byteOrderMark = "\ufeff"
	var targets []target
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(text, byteOrderMark)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		targets = append(targets, target{number, line, checkURL(line)})
	}
	return targets
}

// checkURL returns why the text is not a URL that can be fetched.
func checkURL(text string) error {
	if len(strings.Fields(text)) > 1 {
		return errors.New("bad line: more than one word")
	}
	u, err := url.Parse(text)
	var broken *url.Error
	switch {
	case errors.As(err, &broken):
		return fmt.Errorf("bad URL: %w", broken.Err)
	case u.Scheme == "" || u.Opaque != "":
		return errors.New("bad URL: does not begin with http:// or https://")
	case !speaks(u):
		return fmt.Errorf("bad URL: cannot fetch %s://, only http:// and https://", u.Scheme)
	case u.Hostname() == "":
		return errors.New("bad URL: no host")
	}
	return nil
}

// speaks tells whether a URL has a scheme that this program speaks.
func speaks(u *url.URL) bool {
	return u.Scheme == "http" || u.Scheme == "https"
}
