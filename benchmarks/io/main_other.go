//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "benchmarks/io needs Linux: its load generator is made on epoll, and its processes are tied to cores")
	os.Exit(1)
}
