package stacks

import (
	"regexp"
	"strconv"
	"strings"
)

var lockCall = regexp.MustCompile(`^(internal/)?sync\.\(\*(Mutex|RWMutex)\)\.`)

// Mutex returns the address of the mutex that the goroutine waits for; 0: for none.
func (g Goroutine) Mutex() uint64 {
	if !strings.HasPrefix(g.State, "sync.Mutex") && !strings.HasPrefix(g.State, "sync.RWMutex") {
		return 0
	}
	var address uint64
	for _, f := range g.Frames {
		if lockCall.MatchString(f.Function) { // the outermost call has the mutex itself
			if args := addresses(sure(f.Args)); len(args) > 0 {
				address = args[0]
			}
		}
	}
	return address
}

// sure leaves out the arguments that are printed with a question mark, for their value
// may be stale.
func sure(args string) string { return unsure.ReplaceAllString(args, "") }

var unsure = regexp.MustCompile(`0x[0-9a-f]+\?`)

// spread is how far behind the beginning of a struct its mutex may lie.
const spread = 512

// Mentions reports whether a call of the program on the stack has an argument that
// points to a mutex, or to what it may be a part of.
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

var address = regexp.MustCompile(`0x[0-9a-f]+`)

// smallest is less than any address, and more than most numbers.
const smallest = 1 << 16

func addresses(args string) (all []uint64) {
	for _, text := range address.FindAllString(args, -1) {
		if n, err := strconv.ParseUint(text[2:], 16, 64); err == nil && n >= smallest {
			all = append(all, n)
		}
	}
	return all
}
