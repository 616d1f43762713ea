package console

import (
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio/internal/stacks"
	"github.com/asyncio-go/asyncio/internal/wire"
)

const (
	siteDepth = 16   // program counters of a place of creation that are kept
	mostSites = 4096 // places that are told apart; a program has few
)

// A site is a place where tasks are created.
type site struct {
	pcs    []uintptr
	frames []wire.Frame // nil until someone asks
	place  string       // the first of them
}

type siteKey [siteDepth]uintptr

// sites holds every place once, however many tasks come from it.
type sites struct {
	known map[siteKey]int64
	all   []*site
}

// number returns the number of the place with these program counters, innermost first,
// from 1; 0 if there are none, or too many places.
func (s *sites) number(pcs []uintptr) int64 {
	if len(pcs) == 0 {
		return 0
	}
	var key siteKey
	copy(key[:], pcs)
	if n := s.known[key]; n != 0 || len(s.all) >= mostSites {
		return n
	}
	if s.known == nil {
		s.known = map[siteKey]int64{}
	}
	s.all = append(s.all, &site{pcs: slices.Clone(pcs[:min(len(pcs), siteDepth)])})
	s.known[key] = int64(len(s.all))
	return int64(len(s.all))
}

// at returns the place with a number; nil for 0.
func (s *sites) at(number int64) *site {
	if number <= 0 || number > int64(len(s.all)) {
		return nil
	}
	return s.all[number-1]
}

// stack returns the frames of the program, innermost first.
func (s *site) stack() []wire.Frame {
	if s == nil {
		return nil
	}
	if s.frames == nil {
		if s.frames = framesOf(s.pcs); len(s.frames) > 0 {
			s.place = placeOf(&s.frames[0])
		}
	}
	return s.frames
}

// framesOf returns what of a stack is the program's.
func framesOf(pcs []uintptr) []wire.Frame {
	shown := []wire.Frame{}
	if len(pcs) == 0 {
		return shown
	}
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := frames.Next()
		if f.Function != "" && !stacks.IsLibrary(f.Function) && !stacks.IsMachinery(f.Function) {
			shown = append(shown, wire.Frame{Func: shortFunction(f.Function), File: filepath.Base(f.File), Path: f.File, Line: f.Line})
		}
		if !more {
			return shown
		}
	}
}

// framesOfText returns what of a printed stack is the program's, or all of it, if that
// is nothing.
func framesOfText(stack []byte) []wire.Frame {
	all, shown := []wire.Frame{}, []wire.Frame{}
	for _, f := range stacks.Parse(stack).Frames {
		if f.Creator || f.Function == "" {
			continue
		}
		path, line := f.File, 0
		if i := strings.LastIndexByte(path, ':'); i >= 0 {
			line, _ = strconv.Atoi(path[i+1:])
			path = path[:i]
		}
		frame := wire.Frame{Func: shortFunction(f.Function), File: filepath.Base(path), Path: path, Line: line}
		all = append(all, frame)
		if !stacks.IsLibrary(f.Function) && !stacks.IsMachinery(f.Function) {
			shown = append(shown, frame)
		}
	}
	if len(shown) == 0 {
		return all
	}
	return shown
}

// shortFunction is a function's name without the path of its package.
func shortFunction(f string) string { return f[strings.LastIndexByte(f, '/')+1:] }

// functionOf returns the name of the function with a program counter, "" if there is
// none.
func functionOf(pc uint64) string {
	if f := runtime.FuncForPC(uintptr(pc)); f != nil {
		return shortFunction(f.Name())
	}
	return ""
}

// placeOf is a frame as "main.go:40".
func placeOf(f *wire.Frame) string {
	if f == nil || f.File == "" {
		return ""
	}
	return f.File + ":" + strconv.Itoa(f.Line)
}
