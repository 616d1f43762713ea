//go:build !unix

package workers

import (
	"os"
	"syscall"
)

// terminate can only kill.
var terminate = os.Kill

// ask is not sent: see passesOn.
var ask = os.Interrupt

// passesOn says that processes can be sent signals other than os.Kill. On Windows they
// cannot, and need not: Ctrl-C reaches all processes of the console by itself.
const passesOn = false

// signals are those that ask this process to end; SIGTERM is that the window is closed.
func signals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

func catchBrokenPipes() (stop func()) { return func() {} }
