package coro

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
)

// OwnStack returns the stack of the calling goroutine, as [runtime.Stack] prints
// it. It stops no one.
func OwnStack() []byte {
	return printed(false, 4<<10)
}

// AllStacks returns the stacks of all goroutines, with an empty line between them.
// The world stands still meanwhile, for 10 to 100 µs a goroutine, so it is only
// for reports.
func AllStacks() []byte {
	return printed(true, runtime.NumGoroutine()*stackSize+64<<10)
}

// stackSize is more than most stacks take when they are printed. With too little room,
// they would have to be printed once more.
const stackSize = 2 << 10

func printed(all bool, size int) []byte {
	for ; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, all); n < size {
			return buf[:n]
		}
	}
}

// Stack returns the stack of the goroutine with the given identity, as
// [runtime.Stack] prints it, or nil when there is none. It costs as much as
// AllStacks; for a goroutine that can print its own there is OwnStack.
func Stack(id int64) []byte { return bytes.Clone(Find(AllStacks(), id)) }

// Find returns the part of what AllStacks has returned that is about a goroutine, or
// nil.
func Find(stacks []byte, id int64) []byte {
	header := []byte("goroutine " + strconv.FormatInt(id, 10) + " ")
	for block := range bytes.SplitSeq(stacks, []byte("\n\n")) {
		if bytes.HasPrefix(block, header) {
			return block
		}
	}
	return nil
}

// LockedToThread reports whether the calling goroutine is locked to its thread. Only the
// header of its stack says so. If a later release of Go no longer says it there, every
// goroutine counts as locked.
func LockedToThread() bool {
	return !OneThread && (!lockIsTold() || saysLocked(ownHeader()))
}

var lockIsTold = sync.OnceValue(func() bool { return tellsLock(ownHeader) })

// tellsLock looks whether the header of a goroutine that is locked says so.
func tellsLock(header func() []byte) (tells bool) {
	elsewhere(func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		tells = saysLocked(header())
	})
	return tells
}

func saysLocked(header []byte) bool { return bytes.Contains(header, []byte("locked to thread")) }

// ownHeader returns the first line of the calling goroutine's stack.
func ownHeader() []byte {
	var buf [128]byte
	header, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("\n"))
	return header
}
