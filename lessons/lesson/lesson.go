// Package lesson holds what every lesson's program is given.
package lesson

import (
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

// Env is what a lesson's program runs in.
type Env struct {
	Out     io.Writer        // where the program prints
	Second  time.Duration    // how long a second of the lesson lasts
	Options []asyncio.Option // for asyncio.Run: who watches, whose clock
}
