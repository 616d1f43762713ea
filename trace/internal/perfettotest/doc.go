// Package perfettotest decodes what trace.Recording.WritePerfetto writes with a library
// that knows nothing of it. It is a module of its own because of that library.
package perfettotest
