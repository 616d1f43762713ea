//go:build unix

package screen

import (
	"os"
	"os/signal"
	"syscall"
)

// onContinue calls fn whenever the program goes on after having been stopped,
// as by Ctrl-Z, until stop is called.
func onContinue(fn func()) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGCONT)
	go func() {
		defer close(done)
		for range signals {
			fn()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}
