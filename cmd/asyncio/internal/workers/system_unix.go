//go:build unix

package workers

import (
	"os"
	"os/signal"
	"syscall"
)

var terminate os.Signal = syscall.SIGTERM

// ask is the signal that asks a process to end, whichever one came here: that is SIGTERM,
// upon which remote.Serve lets jobs end. Ctrl-C would end them at once.
var ask = terminate

// passesOn says that processes can be sent signals other than os.Kill.
const passesOn = true

// signals are those that ask this process to end. SIGHUP is, unless nohup has said no.
func signals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// catchBrokenPipes lets a Write to a pipe that no one reads return an error. Otherwise it
// would end this process at once, and leave the copies behind. To ignore the signal is
// not the same: the copies would ignore it, too.
func catchBrokenPipes() (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGPIPE)
	return func() { signal.Stop(c) }
}
