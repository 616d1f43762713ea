// Command jobs compares what a small job takes in a WorkerPool of the same process, with
// package remote, and with asynq on Redis. See benchmarks/README.md.
package main
