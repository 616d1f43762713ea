// Package vet finds mistakes in programs on package asyncio that compile, and that show
// themselves late or never when the program runs: a coroutine that is made and dropped,
// time.Sleep in a task, a sync.Mutex across a suspension.
//
// [Analyzers] has an analyzer of golang.org/x/tools/go/analysis for each rule. The command
// asyncio vet runs them; so does go vet -vettool with cmd/asyncio-vet, and golangci-lint
// with package golangci. See docs/guide/vet.md for the rules, and for what editors can use.
package vet

import "golang.org/x/tools/go/analysis"

// Analyzers returns the analyzers: one for each rule, named as the rule but with "_" for
// "-", and the one that looks after the comments which silence a rule.
func Analyzers() []*analysis.Analyzer {
	var all []*analysis.Analyzer
	for _, r := range rules {
		all = append(all, r.analyzer)
	}
	return append(all, comments)
}

// rules are all rules, in the order in which they are documented.
var rules = []*rule{
	dropped, lostError, droppedIterationError, blocks, channel, doneWait, mutexAcross, outerContext, foreign,
	lockLeak, busyWait, swallowedCancel, cleanupCanceled, callbackSuspends, threadLock,
}
