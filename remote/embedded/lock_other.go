//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package embedded

import "os"

// lockFile cannot lock here: that one server alone uses a directory is left to the user.
func lockFile(*os.File) error { return nil }
