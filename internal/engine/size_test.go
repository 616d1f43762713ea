package engine

import (
	"testing"
	"unsafe"
)

// A task is one allocation, with its function and its result behind this. Its size decides
// how long it takes to make one, through the collector: docs/design/coroutines.md.
func TestATaskStaysSmall(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the budget is for words of 8 bytes")
	}
	if size := unsafe.Sizeof(Task{}); size > 160 {
		t.Errorf("a Task has %d bytes, the budget is 160", size)
	}
}
