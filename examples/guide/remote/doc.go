// Package remote holds the code of docs/guide/remote.md: a program with a WorkerPool, the
// same with package remote, and pieces.
package remote
