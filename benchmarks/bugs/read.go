package main

import (
	"bufio"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// orderLine matches the line in which Explore says in which order it has found the bug.
var orderLine = regexp.MustCompile(`: run (\d+), by .* failed`)

// read counts in what go test -v prints.
func (c *count) read(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "--- PASS: "):
			c.runs++
		case strings.HasPrefix(line, "--- FAIL: "):
			c.runs++
			c.found++
		default:
			if m := orderLine.FindStringSubmatch(line); m != nil {
				n, _ := strconv.Atoi(m[1]) // it matches
				c.orders += n
			}
		}
	}
}
