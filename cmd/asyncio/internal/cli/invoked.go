package cli

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// invoked returns what the user has typed to start this program, so that hints show
// commands that the user can type: the first word of the command line, or a go run.
func invoked(arg0 string) string {
	name := filepath.ToSlash(arg0)
	if !strings.Contains(name, "/go-build") { // where go run puts what it builds
		if strings.HasPrefix(name, "/") || strings.Contains(name, ":") {
			name = name[strings.LastIndex(name, "/")+1:] // a path in full is hardly what was typed
		}
		return strings.TrimSuffix(name, ".exe")
	}
	return "go run " + runnable()
}

// runnable returns what go run was given, as far as can be told: the folder of the
// command, from where it was called, or the package of a released version.
func runnable() string {
	info, ok := debug.ReadBuildInfo()
	if ok && info.Main.Sum != "" {
		return info.Path + "@" + info.Main.Version
	}
	if _, err := os.Stat("cmd/asyncio/main.go"); err != nil {
		if _, err := os.Stat("internal/cli/invoked.go"); err == nil {
			return "."
		}
	}
	return "./cmd/asyncio"
}
