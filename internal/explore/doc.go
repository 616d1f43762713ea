// Package explore runs a program in many orders of its tasks. The loop's own order is first
// in, first out; a program that is right only in that order breaks when a timer, a socket or
// a thread comes a little later.
//
// A Search makes the orders, from a seed, by a Strategy; a Run is the program in one of them,
// with its Timeline, the story of what led to a failure, and its Schedule, a word that makes
// the same run again. Explore of package asynciotest stands on these. Find does all of it for
// a program that is no test: it needs no testing.T, and runs where there is no system, as on
// js/wasm.
package explore
