//go:build unix

package main

import (
	"syscall"
	"time"
)

// haveCPUTime says whether cpuTime tells anything here.
const haveCPUTime = true

// cpuTime returns the user and system time of the process so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
