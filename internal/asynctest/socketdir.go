package asynctest

import (
	"os"
	"testing"
)

// longestSocketDir leaves room for a name: some systems allow the path of a Unix
// socket 104 bytes.
const longestSocketDir = 80

// SocketDir returns a new directory for the files of Unix sockets. The path of
// t.TempDir has the name of the test in it, and may be too long for them; so may
// that of the system's directory for such files, and then it is one in /tmp.
func SocketDir(t testing.TB) string {
	t.Helper()
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		dir, err := os.MkdirTemp(parent, "")
		if err != nil {
			continue
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		if len(dir) <= longestSocketDir {
			return dir
		}
	}
	t.Skip("no directory here has a path that is short enough for a Unix socket")
	return ""
}
