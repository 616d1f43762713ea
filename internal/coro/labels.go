package coro

import (
	"context"
	"runtime/pprof"
	"sync/atomic"
)

// Labels of runtime/pprof are in a context, and are set on the goroutine that works with
// that context. A coroutine that runs one function after another has to set the labels of
// each, and remove them afterwards. That costs more than a hundredth of the time of a
// short function, and nearly no program has labels. So it is done only once some code has
// asked for labels.

// LabelKey is the key under which a context is asked for its labels. Package pprof does
// not export it; labelKey finds it by asking a context of its own for labels. If that
// fails in a later release of Go, labels are always set and removed.
var LabelKey = labelKey()

func labelKey() any {
	key, found := findLabelKey(func(p *keyProbe) { pprof.Label(p, "") })
	if !found {
		UseLabels()
	}
	return key
}

// A labelAsker asks a context for its labels.
type labelAsker func(*keyProbe)

func findLabelKey(ask labelAsker) (key any, found bool) {
	var probe keyProbe
	ask(&probe)
	labeled := pprof.WithLabels(context.Background(), pprof.Labels("key", "value"))
	if probe.key == nil || labeled.Value(probe.key) == nil {
		return nil, false
	}
	return probe.key, true
}

type keyProbe struct {
	context.Context
	key any
}

func (p *keyProbe) Value(key any) any {
	p.key = key
	return nil
}

var labelsUsed atomic.Bool

// UseLabels is called when a context is asked for its labels, or has some. Any goroutine
// may call it.
func UseLabels() { labelsUsed.Store(true) }

// LabelsUsed reports whether UseLabels was called. Any goroutine may ask.
func LabelsUsed() bool { return labelsUsed.Load() }

// TakeLabels gives the current goroutine the labels of ctx, and no others.
func TakeLabels(ctx context.Context) { pprof.SetGoroutineLabels(ctx) }

// DropLabels removes the labels of the current goroutine.
func DropLabels() { pprof.SetGoroutineLabels(context.Background()) }
