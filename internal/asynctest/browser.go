package asynctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// NodeWithBrowser returns the node to run tests in Chromium with, or skips the test where
// something for it is missing. The folder is that of the page, in which npm ci puts
// playwright-core.
func NodeWithBrowser(t *testing.T, page string) (node string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node")
	}
	if _, err := os.Stat(filepath.Join(page, "node_modules", "playwright-core")); err != nil {
		t.Skip("playwright-core is not there: run npm ci in console/page")
	}
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if _, err := exec.LookPath(name); err == nil {
			return node
		}
	}
	t.Skip("there is no Chromium: install Debian's package chromium, or name one in CHROMIUM")
	return ""
}
