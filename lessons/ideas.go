package lessons

import (
	"github.com/asyncio-go/asyncio/lessons/await"
	"github.com/asyncio-go/asyncio/lessons/concurrency"
	"github.com/asyncio-go/asyncio/lessons/coroutines"
	"github.com/asyncio-go/asyncio/lessons/createtask"
	"github.com/asyncio-go/asyncio/lessons/eventloop"
	"github.com/asyncio-go/asyncio/lessons/gather"
	"github.com/asyncio-go/asyncio/lessons/parallelism"
	"github.com/asyncio-go/asyncio/lessons/taskgroup"
)

// ideas are the lessons that everybody should take.
func ideas() []Lesson {
	return []Lesson{
		{
			Name: "concurrency", Title: "Concurrency: one cook, several dishes",
			Aliases: []string{"concurrent", "cook"},
			Idea: "A cook puts the rice on the stove and does not stand there waiting: while it boils, " +
				"there is time for the vegetables, the curry and the table. " +
				"Concurrency is one worker with many things in progress; nobody does two things at once, " +
				"but all the waiting happens at the same time.",
			Conclusion: "Every row is mostly waiting, and the waits overlap: dinner takes as long as its slowest dish.",
			Seconds:    3, Run: old(concurrency.Run),
		},
		{
			Name: "parallelism", Title: "Parallelism: two cooks, two cores",
			Aliases: []string{"parallel", "workerpool", "run_in_executor"},
			Idea: "Chopping is work, not waiting: one cook cannot chop two portions at once, and tasks on one loop cannot either. " +
				"For that it takes a second cook, which is a second thread on a second core. " +
				"The program does the same work both ways, and measures how much faster two are.",
			Conclusion: "On the loop the second task is ready, but has to wait until the first is done. " +
				"The two workers run side by side: that is parallel. (Twice as fast takes two cores that have nothing else to do.)",
			Seconds: 1.5, Loop: true, Run: old(parallelism.Run),
		},
		{
			Name: "coroutines", Title: "Coroutines: called, nothing happens; awaited, it runs",
			Aliases: []string{"coroutine", "coro"},
			Idea: "Calling a coroutine function gives a description of work, like a recipe: nothing has happened yet. " +
				"Await runs it, inside the task that awaits, and hands over its result. " +
				"A recipe that nobody awaits is never cooked.",
			Conclusion: "There is one row: to await a coroutine is to run it oneself. No second task came into being.",
			Seconds:    2, Run: old(coroutines.Run),
		},
		{
			Name: "eventloop", Title: "The event loop: which runs when",
			Aliases: []string{"event_loop", "loop", "call_soon", "yield"},
			Idea: "The loop has a queue of what is ready, and runs one thing after another: first come, first served. " +
				"What runs keeps the loop until it awaits; nobody takes it away. " +
				"So nothing is parallel here, and between two awaits no other task can touch your variables: no locks needed.",
			Conclusion: "In each column only one task runs, while the other one is ready and waits for its turn. The loop itself never rests.",
			Seconds:    1.75, Loop: true, Run: old(eventloop.Run),
		},
		{
			Name: "await", Title: "Await: one after another",
			Aliases: []string{"sequential"},
			Idea: "To await a coroutine is to run it to its end before the next line. " +
				"Two awaits in a row are therefore sequential, also on an event loop: 2 seconds and 1 second are 3. " +
				"The loop is free meanwhile, but nobody has given it anything else to do.",
			Conclusion: "One row, one wait after the other: the times add up.",
			Seconds:    3, Run: old(await.Run),
		},
		{
			Name: "createtask", Title: "create_task: start now, wait later",
			Aliases: []string{"create_task", "task", "tasks", "go"},
			Idea: "CreateTask hands a coroutine to the loop, which runs it as soon as the creator lets go. " +
				"From then on both are in progress, and awaiting the task only collects what it returns. " +
				"The same two workers as before now take 2 seconds, not 3.",
			Conclusion: "A and B begin together, when main first waits. B ends early, so awaiting it takes no time.",
			Seconds:    2, Run: old(createtask.Run),
		},
		{
			Name: "gather", Title: "Gather: several at once, results in order",
			Aliases: []string{"gather_settled"},
			Idea: "Gather makes a task of every coroutine it is given, and waits for all of them. " +
				"The results come in the order of the arguments, whoever finished first. " +
				"The first error is returned at once; the other tasks run on.",
			Conclusion: "Three tasks that nobody had to name or to await one by one; main waits for the slowest.",
			Seconds:    3, Run: gather.Run,
		},
		{
			Name: "taskgroup", Title: "TaskGroup: nobody is left behind",
			Aliases: []string{"task_group", "exceptiongroup", "exception_group", "nursery"},
			Idea: "A task group is a block that ends when all of its tasks have ended, so that none is forgotten. " +
				"When one fails, the others are canceled and waited for. " +
				"What went wrong comes out as one ExceptionGroup, which holds every failure.",
			Conclusion: "The thief's failure ends Bob's dinner at the same moment. Ada had finished before and is not concerned.",
			Seconds:    2, Run: old(taskgroup.Run),
		},
	}
}
