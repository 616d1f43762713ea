package stacks

import (
	"fmt"
	"strconv"
	"strings"
)

// isLockCall reports whether a function is a method of a mutex of package sync.
func isLockCall(function string) bool {
	return hasPrefix(strings.TrimPrefix(function, "internal/"), "sync.(*Mutex).", "sync.(*RWMutex).")
}

// WaitsForMutex reports whether the goroutine waits for a mutex.
func (g Goroutine) WaitsForMutex() bool {
	return strings.HasPrefix(g.State, "sync.Mutex") || strings.HasPrefix(g.State, "sync.RWMutex")
}

// Mutex returns the address of the mutex that the goroutine waits for. If the stack does
// not show it, as often for a sync.RWMutex, Mutex returns the address of the receiver of
// the method that waits, which probably contains the mutex. 0 means that neither is
// known.
func (g Goroutine) Mutex() uint64 {
	if !g.WaitsForMutex() {
		return 0
	}
	var address uint64
	for _, f := range g.Frames {
		if isLockCall(f.Function) { // the outermost call has the mutex itself
			if args := sureAddresses(f.Args); len(args) > 0 {
				address = args[0]
			}
		}
	}
	if i := g.inProgram(); address == 0 && i >= 0 {
		return g.Frames[i].receiver()
	}
	return address
}

// receiver returns the address of the receiver of a method; 0: it is not known.
func (f Frame) receiver() uint64 {
	if args := addresses(f.Args); strings.Contains(f.Function, ".(*") && len(args) > 0 && strings.HasPrefix(f.Args, fmt.Sprintf("(%#x", args[0])) {
		return args[0]
	}
	return 0
}

// spread is how far behind the beginning of a struct its mutex may lie.
const spread = 512

// Mentions reports whether a call of the program on the stack has an argument that points
// to a mutex, or to a struct that may contain it.
func (g Goroutine) Mentions(mutex uint64) bool {
	for _, f := range g.Frames {
		if IsLibrary(f.Function) || IsMachinery(f.Function) {
			continue
		}
		for _, a := range addresses(f.Args) {
			if a <= mutex && mutex-a < spread {
				return true
			}
		}
	}
	return false
}

// smallest is less than any address, and more than most numbers.
const smallest = 1 << 16

// addresses returns the printed arguments that may be addresses.
func addresses(args string) []uint64 { return numbers(args, func(string) bool { return true }) }

// sureAddresses is addresses without those that are printed with a question mark, because
// their value may be stale.
func sureAddresses(args string) []uint64 {
	return numbers(args, func(after string) bool { return !strings.HasPrefix(after, "?") })
}

// numbers returns the large numbers among printed arguments for which take, called with
// the text after the number, returns true. Package regexp would make each program half a
// megabyte larger, which matters in a browser.
func numbers(args string, take func(after string) bool) (all []uint64) {
	for {
		_, rest, found := strings.Cut(args, "0x")
		if !found {
			return all
		}
		args = strings.TrimLeft(rest, "0123456789abcdef")
		n, err := strconv.ParseUint(rest[:len(rest)-len(args)], 16, 64)
		if err == nil && n >= smallest && take(args) {
			all = append(all, n)
		}
	}
}
