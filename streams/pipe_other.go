//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd || windows)

package streams

import (
	"errors"
	"os"
)

func (p *pipe) open(*os.File) error { return errors.ErrUnsupported }
