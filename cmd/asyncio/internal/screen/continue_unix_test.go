//go:build unix

package screen

import (
	"os"
	"syscall"
	"testing"
)

func TestOnContinue(t *testing.T) {
	called := make(chan struct{}, 1)
	stop := onContinue(func() { called <- struct{}{} })
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	defer self.Release()
	if err := self.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	<-called
	stop()
}
