package engine

import (
	"strconv"
	"sync"
	"sync/atomic"
)

// A Label is a word for what a task waits for, or for what has woken it. It is a number,
// so that it fits into a record.
type Label uint8

// labels are the words. Packages add theirs when they are initialized; readers of
// records look them up at any time.
var labels = struct {
	mu    sync.Mutex
	words atomic.Pointer[[]string]
}{}

// NewLabel returns the label for a word, which is always the same. There is room for
// 255, so it is for variables of packages and not for what users choose.
func NewLabel(word string) Label {
	labels.mu.Lock()
	defer labels.mu.Unlock()
	words := []string{""}
	if old := labels.words.Load(); old != nil {
		words = *old
	}
	for i, w := range words {
		if w == word {
			return Label(i)
		}
	}
	if len(words) > 255 {
		panic("asyncio: internal error: too many labels")
	}
	words = append(words[:len(words):len(words)], word)
	labels.words.Store(&words)
	return Label(len(words) - 1)
}

// String returns the word.
func (l Label) String() string {
	words := labels.words.Load()
	if words == nil || int(l) >= len(*words) {
		return "label " + strconv.Itoa(int(l))
	}
	return (*words)[l]
}

// Describe makes a label the Reason of a wait.
func (l Label) Describe() string { return l.String() }

// Ref makes a label the Reason of a wait.
func (l Label) Ref(*Loop) Ref { return Ref{Label: l} }

// A Ref says what a task waits for, or what has woken it, without a pointer: of which
// kind it is, and which one of these.
type Ref struct {
	Label
	Number uint64 // of a task or of an object, nanoseconds of a sleep; 0: the label says all
}

// The labels of what the engine itself knows.
var (
	LabelTask     = NewLabel("task")
	LabelCallback = NewLabel("callback")
	LabelTimer    = NewLabel("timer")
	LabelCancel   = NewLabel("cancel")
	LabelContext  = NewLabel("context")
	LabelLoop     = NewLabel("loop")
	LabelFuture   = NewLabel("future")
	LabelGroup    = NewLabel("task group")
	LabelSleep    = NewLabel("sleep")
	labelCanceled = NewLabel("canceled")

	LabelThread  = NewLabel("thread")
	LabelTimeout = NewLabel("timeout")
)
