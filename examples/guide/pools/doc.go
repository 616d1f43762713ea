// Package pools holds the code of docs/guide/pools.md: how many of something there may be
// at a time.
package pools
