// Package explore runs a program in many orders of its tasks. The loop's own order is first
// in, first out; a program that is right only in that order breaks when a timer, a socket or
// a thread comes a little later.
//
// A Search makes the orders, from a seed, by a Strategy. A Run is the program in one of
// these orders, with its Timeline, which shows what led to a failure, and its Schedule,
// which is printed as a word and makes the same run again. Explore of package asynciotest
// is built on these. Find does all of this for a program that is no test: it needs no
// testing.T, and also runs where there is no operating system, as on js/wasm.
package explore
