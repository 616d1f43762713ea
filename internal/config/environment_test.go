package config

import (
	"errors"
	"strings"
	"testing"
)

func TestVariable(t *testing.T) {
	var got string
	start := func(value string) error {
		got = value
		if value == "nonsense" {
			return errors.New("write 1")
		}
		return nil
	}
	for _, c := range []struct {
		name, value     string
		start           func(string) error
		started, stderr string
	}{
		{"not set", "", start, "", ""},
		{"off", "0", start, "", ""},
		{"off without its package", "0", nil, "", ""},
		{"on", "1", start, "1", ""},
		{"what its package refuses", "nonsense", start, "nonsense", "asyncio: ASYNCIO_X=nonsense: write 1\n"},
		{"on without its package", "1", nil, "",
			"asyncio: ASYNCIO_X=1 does nothing, for the program does not import what it turns on: add the line\n\timport _ \"example.com/x\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got = ""
			v := &Variable{Name: "ASYNCIO_X", Package: "example.com/x"}
			if c.start != nil {
				v.OnStart(c.start)
			}
			var stderr strings.Builder
			v.apply(c.value, &stderr)
			if got != c.started || stderr.String() != c.stderr {
				t.Errorf("it was started with %q and said %q, want %q and %q", got, &stderr, c.started, c.stderr)
			}
		})
	}
}
