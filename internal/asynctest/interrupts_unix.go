//go:build unix

package asynctest

import (
	"os"
	"os/signal"
	"syscall"
)

// HearInterrupts starts the test binary anew where Ctrl-C was ignored at its start,
// as in what a shell script starts in the background: Ctrl-C could not end it, nor
// the processes that it starts. For TestMain, before anything else.
func HearInterrupts() {
	if !signal.Ignored(os.Interrupt) || InChild() {
		return
	}
	exe, err := os.Executable()
	if err != nil {
		return
	}
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // what is caught has its default in the next program
	_ = syscall.Exec(exe, os.Args, os.Environ())         // returns only if it cannot
}
