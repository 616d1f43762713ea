//go:build !unix

package main

import "time"

// haveCPUTime says whether cpuTime tells anything here.
const haveCPUTime = false

// cpuTime returns 0: there is no getrusage here.
func cpuTime() time.Duration { return 0 }
