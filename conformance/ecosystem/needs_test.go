package ecosystem

import (
	"testing"

	"github.com/asyncio-go/asyncio/conformance/ecosystem/internal/servers"
)

// testWith tests cases that need a server, or skips them all.
func testWith(t *testing.T, server func() (url string, err error), cases func(url string) []Case) {
	t.Helper()
	if _, err := server(); err != nil {
		for _, c := range cases("") {
			skipped(c.Library, c.Way)
		}
	}
	for _, c := range cases(servers.OrSkip(t, server)) {
		t.Run(c.Library+", "+c.Way, c.Test)
	}
}
