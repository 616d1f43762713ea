package coro

import (
	"context"
	"runtime/pprof"
	"sync/atomic"
)

// Labels of runtime/pprof are in a context, and on the goroutine that has to do with it.
// A coroutine that runs one function after another takes on those of each and lays
// them down. That costs more than a hundredth of a short function's life, and nearly no
// program has labels; so it is done as soon as one has asked for some.

// LabelKey is the key under which a context is asked for its labels. It is not exported;
// asking shows it. Where it does not, in a release of Go to come, labels are always taken
// on and laid down.
var LabelKey = findLabelKey()

func findLabelKey() any {
	var probe keyProbe
	pprof.Label(&probe, "")
	labeled := pprof.WithLabels(context.Background(), pprof.Labels("key", "value"))
	if probe.key == nil || labeled.Value(probe.key) == nil {
		UseLabels()
	}
	return probe.key
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

// DropLabels takes the labels of the current goroutine off.
func DropLabels() { pprof.SetGoroutineLabels(context.Background()) }
