// Package formattest decodes what package trace writes, and what it lets the tools of Go
// write, with libraries that know nothing of it. It is a module of its own because of
// those libraries.
package formattest
