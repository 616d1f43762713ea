package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

var reportRows = []result{
	{1, "http://a/?x=1&y=2", 200, 1234, 1234567 * time.Microsecond, 1, nil},
	{3, "http://b/", 0, 0, 30 * time.Second, 3, errors.New("connection refused")},
	{4, "bad\x1b[31m\tline", 0, 0, 0, 0, errors.New("more than\none word")},
	{9, "http://c/", 503, 7, 20 * time.Millisecond, 1, cutAfter(&statusError{code: 503})},
	{10, "http://d/", 0, 0, 0, 0, errNotFetched},
}

const wantTable = `
STATUS  BYTES  TIME    TRIES  URL                ERROR
200     1234   1.235s  1      http://a/?x=1&y=2
-       0      30s     3      http://b/          connection refused
-       0      0s      0      bad�[31m�line      more than�one word
503     7      20ms    1      http://c/          canceled after: 503 Service Unavailable
-       0      0s      0      http://d/          canceled before it began

5 URLs: 1 ok, 2 failed, 2 canceled; 1241 bytes
`

const wantJSON = `
[
  {
    "line": 1,
    "url": "http://a/?x=1&y=2",
    "ok": true,
    "status": 200,
    "bytes": 1234,
    "time": 1.235,
    "attempts": 1
  },
  {
    "line": 3,
    "url": "http://b/",
    "ok": false,
    "bytes": 0,
    "time": 30,
    "attempts": 3,
    "error": "connection refused"
  },
  {
    "line": 4,
    "url": "bad\u001b[31m\tline",
    "ok": false,
    "bytes": 0,
    "time": 0,
    "attempts": 0,
    "error": "more than\none word"
  },
  {
    "line": 9,
    "url": "http://c/",
    "ok": false,
    "status": 503,
    "bytes": 7,
    "time": 0.02,
    "attempts": 1,
    "error": "canceled after: 503 Service Unavailable",
    "canceled": true
  },
  {
    "line": 10,
    "url": "http://d/",
    "ok": false,
    "bytes": 0,
    "time": 0,
    "attempts": 0,
    "error": "canceled before it began",
    "canceled": true
  }
]
`

func TestReport(t *testing.T) {
	for _, tt := range []struct {
		name   string
		asJSON bool
		want   string
	}{
		{"table", false, wantTable},
		{"json", true, wantJSON},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			if err := report(&out, reportRows, tt.asJSON); err != nil {
				t.Fatal(err)
			}
			if got := "\n" + withoutTrailingSpace(out.String()); got != tt.want {
				t.Errorf("got:%s\nwant:%s", got, tt.want)
			}
		})
	}
}

func withoutTrailingSpace(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

func TestExitStatus(t *testing.T) {
	ok, bad, canceled := reportRows[0], reportRows[1], reportRows[4]
	for _, tt := range []struct {
		rows []result
		want int
	}{
		{nil, exitOK},
		{[]result{ok, ok}, exitOK},
		{[]result{ok, bad}, exitFailed},
		{[]result{bad, canceled, ok}, exitInterrupted},
	} {
		if got := exitStatus(tt.rows); got != tt.want {
			t.Errorf("exit status %d of %v, want %d", got, tt.rows, tt.want)
		}
	}
}

func TestTotalsCountInGoodEnglish(t *testing.T) {
	for want, total := range map[string]totals{
		"0 URLs: 0 ok; 0 bytes":            {},
		"1 URL: 1 ok; 1 byte":              {all: 1, ok: 1, bytes: 1},
		"2 URLs: 1 ok, 1 failed; 12 bytes": {all: 2, ok: 1, failed: 1, bytes: 12},
	} {
		if got := total.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
