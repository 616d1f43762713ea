//go:build !unix

package asynctest

// HearInterrupts does nothing here: no program is started with Ctrl-C ignored.
func HearInterrupts() {}
