package main

// Watched: the subjects in which the engine has most to tell, with a Recorder of package
// trace and without. One operation is that of the subject itself. The recorder is as a
// program has it that does not say otherwise: its ring has the default size.
//
// Not measured: what is done with the recording afterwards.

import "github.com/asyncio-go/asyncio/trace"

func watchedSubjects() []subject {
	rows := []struct {
		name, op string
		unit     int
		body     body
		atMost   float64
	}{
		{"yield, 1 task", "switch", 0, yieldAlone, 1.5},
		{"yield, 2 tasks", "switch", 0, yieldTasks(2), 1.3},
		{"yield, 100 tasks", "switch", 0, yieldTasks(100), 1.3},
		{"queue ping-pong", "round trip", 0, queuePingPong, 1.3},
		{"spawn in a group", "task", batch, spawnInGroup, 1.3},
	}
	var all []subject
	for _, r := range rows {
		all = append(all, subject{
			name: "watched: " + r.name, op: r.op, ops: uncounted, // the rows without "watched" are counted
			ours:  contender{name: "watched", unit: r.unit, body: watched(r.body)},
			bases: []base{{contender{name: "asyncio", unit: r.unit, body: r.body}, []target{{cpu, r.atMost}}}},
		})
	}
	return all
}

// watched is a body whose loops are watched.
func watched(b body) body {
	return func(t timer, n int) error {
		before := observers
		defer func() { observers = before }()
		observers = append(observers[:len(observers):len(observers)], trace.New().Observe())
		return b(t, n)
	}
}
