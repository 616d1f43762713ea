//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd || windows)

package streams

import (
	"errors"
	"os"

	"github.com/asyncio-go/asyncio/internal/conn"
)

func openPipe(*conn.Owner, *os.File) (*pipeEndpoint, error) { return nil, errors.ErrUnsupported }
