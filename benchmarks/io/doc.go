// Command io compares echo servers on this library's streams with the same on
// package net, on gnet and, where Python is there, on asyncio and uvloop:
//
//	go run ./benchmarks/io
//
// Each server is a process on one core; a generator of load, on the other one,
// sends requests over loopback and checks every reply. The table says how many
// requests a second each server answers, what processor time a request costs
// it, and how long the requests took. README.md has the newest figures and how
// to read them.
package main
