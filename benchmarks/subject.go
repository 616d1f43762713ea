package main

import (
	"context"
	"slices"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/benchmarks/internal/python"
)

// batch is how many tasks are made before the first of them is awaited, where
// a subject works in batches.
const batch = 1000

// subject is one job, done with this library and in other ways.
type subject struct {
	name   string
	op     string // what one operation is
	ours   contender
	bases  []base
	limits []target // of our side alone
	python string   // its function in python/bench.py, if there is one
	rounds int      // where a turn is long; 0: usualRounds
	ops    int      // for a count of its instructions; 0: countedOps; or uncounted
}

// base is a contender that ours is compared with.
type base struct {
	contender
	ratios []target // what our side divided by this one should reach; empty: no target
}

// target is a figure to reach.
type target struct {
	metric metric
	atMost float64
}

// withoutTargets returns s with the same comparisons and nothing to reach.
func (s subject) withoutTargets() subject {
	s.bases = slices.Clone(s.bases)
	for i := range s.bases {
		ratios := slices.Clone(s.bases[i].ratios)
		for j := range ratios {
			ratios[j].atMost = 0
		}
		s.bases[i].ratios = ratios
	}
	s.limits = nil
	return s
}

// contenders returns our side, then the bases.
func (s subject) contenders() []contender {
	all := []contender{s.ours}
	for _, b := range s.bases {
		all = append(all, b.contender)
	}
	return all
}

// subjects returns everything that is measured, in the order of the table.
func subjects(s settings, interpreters []python.Interpreter) []subject {
	all := slices.Concat(
		yieldSubjects(),
		spawnSubjects(),
		callSoonSubjects(),
		pingPongSubjects(),
		queueSubjects(s.items),
		selectSubjects(),
		lockSubjects(),
		gatherSubjects(),
		groupSubjects(),
		timeoutSubjects(),
		timerSubjects(),
		threadSubjects(),
		wakeUpSubjects(),
		cancelSubjects(s.cancels),
		crowdSubjects(s.crowd),
		sleeperSubjects(s.sleep),
		watchedSubjects(),
	)
	for i := range all {
		if all[i].python == "" {
			continue
		}
		for _, p := range interpreters {
			all[i].bases = append(all[i].bases, base{contender: pythonContender(p, all[i].python)})
		}
	}
	return all
}

// observers are the options that every loop here runs with. Only the tests
// set them, to count what really happens.
var observers []asyncio.Option

// run runs main on a new loop.
func run(main func(ctx context.Context) error) error {
	return asyncio.Run(context.Background(), main, observers...)
}
