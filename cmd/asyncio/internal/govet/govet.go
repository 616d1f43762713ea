// Package govet runs go vet with this program as its tool, and reads what that has found.
package govet

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A Call is a call of go vet.
type Call struct {
	Dir      string // "": the current one
	Flags    []string
	Packages []string
	Stderr   io.Writer
}

// Look runs the rules. If the error is an *exec.ExitError, the go command has printed what
// is wrong; what was found in other packages is returned as well.
func (c *Call) Look(ctx context.Context) (*Findings, error) {
	text, err := c.run(ctx, "-json")
	found, bad := read(text)
	return found, cmp.Or(err, bad)
}

// Fix makes all changes that are safe.
func (c *Call) Fix(ctx context.Context) error {
	_, err := c.run(ctx, "-fix")
	return err
}

// Diff returns the changes that Fix would make, file by file. If there are any, the error is
// the *exec.ExitError of status 1.
func (c *Call) Diff(ctx context.Context) (string, error) {
	text, err := c.run(ctx, "-fix", "-diff")
	return sorted(string(text)), err
}

func (c *Call) run(ctx context.Context, flags ...string) (stdout []byte, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := slices.Concat([]string{"vet", "-vettool=" + self}, flags, c.Flags, []string{"--"}, c.Packages)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = c.Dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it removes its files
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, c.Stderr
	err = cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		err = errors.New("there is no go command in PATH, and it is that which loads the packages")
	}
	return out.Bytes(), err
}
