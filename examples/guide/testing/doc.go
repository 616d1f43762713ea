// Package testing holds the code of docs/guide/testing.md.
package testing
