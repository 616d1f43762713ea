// Package debugging holds the code of docs/guide/debugging.md: programs that are stuck,
// and what says so.
package debugging
