//go:build !unix

package screen

// onContinue does nothing where shells cannot stop programs.
func onContinue(func()) (stop func()) { return func() {} }
