package foreign

import (
	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func watch(done *asyncio.Event, wait func()) {
	go func() {
		wait()
		done.Set() // want `\(asyncio-foreign\)$`
	}()
}

// ANCHOR_END: before

// ANCHOR: after

func watchThreadsafe(loop *asyncio.Loop, done *asyncio.Event, wait func()) {
	go func() {
		wait()
		loop.CallSoonThreadsafe(func() { done.Set() })
	}()
}

// ANCHOR_END: after
