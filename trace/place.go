package trace

import (
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// A Place is a place in a program.
type Place struct {
	Function string // with the path of its package
	File     string // without its folder
	Line     int
}

// String returns the place as "main.go:40 (main.serve)".
func (p Place) String() string {
	if p.File == "" {
		return p.Function
	}
	return p.File + ":" + strconv.Itoa(p.Line) + " (" + p.Function + ")"
}

// places looks places up by the numbers that records have: program counters in the
// process that is recorded, and anything else in a recording that was read.
type places interface {
	// of returns the calls of a place, innermost first: the compiler may have put
	// several into one.
	of(number uint64) []Place
}

// ofProcess are the places of this process.
type ofProcess struct {
	mu    sync.Mutex
	known map[uint64][]Place
}

func (p *ofProcess) of(pc uint64) []Place {
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.known[pc]
	if !ok {
		if p.known == nil {
			p.known = map[uint64][]Place{}
		}
		found = placesOf(uintptr(pc))
		p.known[pc] = found
	}
	return found
}

// placesOf looks a program counter up. It is that of a function's entry, or the address
// to which a call returns.
func placesOf(pc uintptr) (found []Place) {
	if f := runtime.FuncForPC(pc); f != nil && f.Entry() == pc {
		file, line := f.FileLine(pc)
		return []Place{{f.Name(), path.Base(file), line}}
	}
	frames := runtime.CallersFrames([]uintptr{pc})
	for {
		frame, more := frames.Next()
		if frame.Function != "" {
			found = append(found, Place{frame.Function, path.Base(frame.File), frame.Line})
		}
		if !more {
			return found
		}
	}
}

// fromFile are the places of a recording that was read; their numbers count from 1.
type fromFile [][]Place

func (p fromFile) of(number uint64) []Place {
	if number == 0 || number > uint64(len(p)) {
		return nil
	}
	return p[number-1]
}

const modulePath = "github.com/asyncio-go/asyncio"

// isOurs reports whether a function belongs to the library itself, or to the code that
// runs tasks. A user does not want to see these as the place where a task was created.
func isOurs(function string) bool {
	for _, prefix := range []string{modulePath + ".", modulePath + "/internal/", "iter.", "runtime."} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}
