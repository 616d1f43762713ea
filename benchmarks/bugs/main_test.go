package main

import (
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	var c count
	c.read(strings.NewReader(`=== RUN   TestLostUpdate
    bugs_test.go:25: the balance is 110: a deposit was lost
    bugs_test.go:92: run 3, by PCT(3), failed; what led to it:
--- FAIL: TestLostUpdate (0.00s)
=== RUN   TestLostUpdate
--- PASS: TestLostUpdate (0.00s)
=== RUN   TestLostUpdate
    bugs_test.go:92: run 5, by Random, failed; what led to it:
--- FAIL: TestLostUpdate (0.00s)
`))
	if c.runs != 3 || c.found != 2 || c.orders != 8 {
		t.Errorf("counted %+v", c)
	}
}
