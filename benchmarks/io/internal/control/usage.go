//go:build linux

package control

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Usage is the processor time of a process. Its sum is exact; how it divides
// into user and system is what the kernel's clock saw at its ticks.
type Usage struct{ User, Sys time.Duration }

// Own returns the usage of this process so far.
func Own() (Usage, error) {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return Usage{}, fmt.Errorf("getrusage: %w", err)
	}
	return Usage{time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())}, nil
}

// Minus returns what was used since another reading.
func (u Usage) Minus(before Usage) Usage { return Usage{u.User - before.User, u.Sys - before.Sys} }

// Total returns the sum.
func (u Usage) Total() time.Duration { return u.User + u.Sys }

// Resident returns how many bytes of memory a process occupies.
func Resident(pid int) (int, error) {
	name := fmt.Sprintf("/proc/%d/statm", pid)
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, fmt.Errorf("%s: got %q", name, text)
	}
	pages, err := strconv.Atoi(string(fields[1]))
	return pages * os.Getpagesize(), err
}
