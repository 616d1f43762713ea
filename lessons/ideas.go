package lessons

import (
	"time"

	"github.com/asyncio-go/asyncio/lessons/await"
	"github.com/asyncio-go/asyncio/lessons/concurrency"
	"github.com/asyncio-go/asyncio/lessons/coroutines"
	"github.com/asyncio-go/asyncio/lessons/createtask"
	"github.com/asyncio-go/asyncio/lessons/eventloop"
	"github.com/asyncio-go/asyncio/lessons/gather"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/parallelism"
	"github.com/asyncio-go/asyncio/lessons/taskgroup"
)

// ideas are the lessons that everybody should take.
func ideas() []Lesson {
	return []Lesson{
		{
			Name: "concurrency", Title: "Concurrency: one cook, several dishes",
			Aliases: []string{"concurrent", "cook"},
			Idea: "A cook puts the rice on the stove and does not stand there: while it boils, he cuts the vegetables. " +
				"That is concurrency: one worker with many things in progress. " +
				"He never does two things at once, but all the waiting happens at the same time.",
			Question: Question{
				Text: "Three dishes boil for 3 s, 1 s and 2 s; the cook works for 2.6 s in all. How long does dinner take?",
				Choices: []string{
					"8.6 s: one dish after another",
					"3.7 s: the waits overlap",
					"3.0 s: as long as the rice boils",
				},
				Right: 1, Proof: "dinner took 3.7 s",
			},
			Conclusion: "Each dish is a task: a row that runs, waits, and runs again. " +
				"The waits overlap, but only one task runs at a time: the event loop, which picks the next one, is the cook. " +
				"The vegetables were ready at 1.8 s, and waited for their turn until the table was set.",
			Try: "Let the rice boil for 1 s: which dish decides now how long dinner takes? " +
				"Then let the table take 3 s: how long do the dishes wait for the cook?",
			Params: []lesson.Param{
				boils("rice", 3*time.Second),
				boils("vegetables", 1*time.Second),
				boils("curry", 2*time.Second),
				lesson.DurationParam("table", "how long it takes to set the table", 600*time.Millisecond, 0, 3*time.Second),
			},
			Seconds: 3.7, Loop: true, LoopName: "the cook", Run: concurrency.Run,
			Ways: []Way{
				{Name: "one after another", Run: concurrency.OneAfterAnother},
				{Name: "two cooks", Run: concurrency.TwoCooks},
			},
		},
		{
			Name: "parallelism", Title: "Parallelism: two cooks, two cores",
			Aliases: []string{"parallel", "workerpool", "run_in_executor"},
			Idea: "Cutting is work, not waiting: one cook cannot cut two things at once, however he takes turns. " +
				"Two cooks can, and that is parallelism: two things happen at the same moment. " +
				"In a program, a cook is a thread with a processor core to run on, and a pool lends them to the tasks of a loop.",
			Question: Question{
				Text: "There is work for 1.7 s, and nothing to wait for. How long do two cooks need?",
				Choices: []string{
					"1.7 s: they take turns",
					"1.1 s: they work side by side",
				},
				Right: 1, Proof: "took 1.1 s",
			},
			Conclusion: "The three tasks only wait; the work is done beside the loop, by two workers at the same moment. " +
				"Concurrency makes the waiting overlap, parallelism makes the work overlap.",
			Try: "Run it with one cook, then with three. " +
				"Why does it not get any faster than the longest job?",
			Params: []lesson.Param{
				lesson.IntParam("cooks", "how many cooks there are", 2, 1, 4),
				lesson.DurationParam("curry", "how much work the curry is", 600*time.Millisecond, 0, 3*time.Second),
				lesson.DurationParam("table", "how much work the table is", 600*time.Millisecond, 0, 3*time.Second),
			},
			Seconds: 1.1, Loop: true, Run: parallelism.Run,
			Ways: []Way{{Name: "one cook", Run: parallelism.OneCook}},
		},
		{
			Name: "coroutines", Title: "Coroutines: called, nothing happens; awaited, it runs",
			Aliases: []string{"coroutine", "coro"},
			Idea: "A coroutine is a function that can pause in the middle, let others run, and go on later. " +
				"Calling it only makes one, as writing down a recipe cooks nothing. " +
				"To await it is to run it and to take its result.",
			Question: Question{
				Text: "main calls brew, which makes coffee, and then sleeps for 0.5 s. What has brew done by then?",
				Choices: []string{
					"nothing: it was only called",
					"it boils the water meanwhile",
				},
				Right: 0, Proof: "0.5 s later, still nothing",
			},
			Conclusion: "Nothing boiled before main awaited the coroutine. " +
				"brew has no row of its own: main ran it by awaiting it, and no second task came into being.",
			Try: "Let main pause for 2 s: does the coffee get ready any sooner? " +
				"If you edit the code, return nil above the line with Await: nobody ever makes the coffee.",
			Params: []lesson.Param{
				lesson.DurationParam("brew", "how long the coffee takes", 1*time.Second, 0, 5*time.Second),
				lesson.DurationParam("pause", "how long main sleeps first", 500*time.Millisecond, 0, 5*time.Second),
			},
			Seconds: 1.5, Run: coroutines.Run,
		},
		{
			Name: "eventloop", Title: "The event loop: which runs when",
			Aliases: []string{"event_loop", "loop", "call_soon", "yield"},
			Idea: "The event loop has a queue of what is ready, and runs one after another: first come, first served. " +
				"What runs keeps the loop until it waits or yields, that is, lets the others go first; nobody takes the loop away. " +
				"So nothing happens at the same time, and between two waits no other task can touch your variables.",
			Question: Question{
				Text: "main creates A, then B, and asks for a callback, a plain function that the loop calls once. A and B yield after each turn. In which order do they run?",
				Choices: []string{
					"A A A B B B callback",
					"A B callback A B A B",
					"nobody can tell",
				},
				Right: 1, Proof: "order: main A B callback A B A B",
			},
			Conclusion: "While one runs, the others are ready and wait for their turn: a circle, as long as everybody lets go. " +
				"The order is the same each time; all tasks wrote to one list, and no lock was needed.",
			Try: "Let them not yield: A has all its turns before B has one. " +
				"Then make each turn longer, and see how long B is ready before it runs.",
			Params: []lesson.Param{
				lesson.DurationParam("work", "how long each turn keeps the loop", 250*time.Millisecond, 0, 1*time.Second),
				lesson.IntParam("turns", "how many turns A and B have", 3, 1, 5),
				lesson.BoolParam("yield", "whether they yield after each turn", true),
			},
			Seconds: 2, Loop: true, Run: eventloop.Run,
		},
		{
			Name: "await", Title: "Await: one after another",
			Aliases: []string{"sequential"},
			Idea: "To await a coroutine is to run it to its end before the next line. " +
				"So two awaits in a row happen one after another, on an event loop as anywhere. " +
				"The loop is free while they wait, but nobody has given it anything else to do.",
			Question: Question{
				Text:    "A takes 2 s, B takes 1 s, and main awaits A, then B. How long does it take?",
				Choices: []string{"3.0 s", "2.0 s"},
				Right:   0, Proof: "took 3.0 s",
			},
			Conclusion: "One task, one wait after the other: the times add up. " +
				"The next three lessons have the same two workers, and take 2 s.",
			Try:     "Let B take 3 s: the whole takes as much longer as B does.",
			Params:  workers(),
			Seconds: 3, Run: await.Run,
			Ways: []Way{{Name: "both as tasks", Run: createtask.Run}},
		},
		{
			Name: "createtask", Title: "create_task: start now, wait later",
			Aliases: []string{"create_task", "task", "tasks", "go"},
			Idea: "CreateTask makes a task of a coroutine: the loop runs it beside its creator, as soon as that waits. " +
				"From then on both are in progress, and to await the task is only to take its result. " +
				"A and B are the workers of the lesson before.",
			Question: Question{
				Text:    "A takes 2 s, B takes 1 s, and both are tasks before main awaits A, then B. How long does it take?",
				Choices: []string{"3.0 s", "2.0 s", "1.0 s"},
				Right:   1, Proof: "took 2.0 s",
			},
			Conclusion: "A and B begin together, when main waits for the first time. " +
				"B ends early, so awaiting it takes no time, and the whole takes as long as the slower one.",
			Try:     "Let B take 3 s: main has A's result at 2 s, and has to wait for B's.",
			Params:  workers(),
			Seconds: 2, Run: createtask.Run,
			Ways: []Way{{Name: "one after another", Run: await.Run}},
		},
		{
			Name: "gather", Title: "Gather: several at once, results in order",
			Aliases: []string{"gather_settled"},
			Idea: "Gather waits for several tasks in one call, and makes tasks of the coroutines among what it is given. " +
				"The results come in the order of the arguments, whoever is done first. " +
				"The first error is returned at once; the other tasks run on.",
			Question: Question{
				Text:    "B is done before A. Whose result comes first?",
				Choices: []string{"B's: it was done first", "A's: it was given first"},
				Right:   1, Proof: "result of A, result of B",
			},
			Conclusion: "The picture is that of create_task: it took 2 s, not 3. " +
				"What Gather adds is one wait for all, and the results in a known order.",
			Try: "Let A take 0.5 s: the order of the results stays. " +
				"If you edit the code, give Gather worker(\"A\", a) in place of its task: it makes one, and gives it a number for a name.",
			Params:  workers(),
			Seconds: 2, Run: gather.Run,
			Ways: []Way{{Name: "one after another", Run: await.Run}},
		},
		{
			Name: "taskgroup", Title: "TaskGroup: nobody is left behind",
			Aliases: []string{"task_group", "exceptiongroup", "exception_group", "nursery"},
			Idea: "A task group is a block of code that ends when all of its tasks have ended, so that none is forgotten. " +
				"If one fails, the group cancels the others, that is, asks them to stop, and waits for them. " +
				"It returns one error, an ExceptionGroup, which holds every failure.",
			Question: Question{
				Text: "In the first group nobody fails. In the second, B fails after 1 s, while A has a second to go. When does the second group end?",
				Choices: []string{
					"after 2.0 s: A works to its end",
					"after 1.0 s: A is asked to stop",
				},
				Right: 1, Proof: "took 1.0 s",
			},
			Conclusion: "The first group took 2 s, as Gather did. In the second, B's failure stopped A; A failed as it stopped, and the group holds both failures. " +
				"Gather would have returned the first, and A would have run on.",
			Try: "Choose who fails. If it is B alone, A is asked to stop and does: one failure. " +
				"If it is A alone, B has ended before and is not concerned.",
			Params: append(workers(),
				lesson.ChoiceParam("fails", "who fails in the second group", "both", "nobody", "A", "B", "both")),
			Seconds: 3, Run: taskgroup.Run,
			Ways: []Way{{Name: "one after another", Run: await.Run}},
		},
	}
}

// workers are the parameters of the lessons that have the same two of them.
func workers() []lesson.Param {
	return []lesson.Param{
		lesson.DurationParam("A", "how long A takes", 2*time.Second, 0, 5*time.Second),
		lesson.DurationParam("B", "how long B takes", 1*time.Second, 0, 5*time.Second),
	}
}

func boils(dish string, d time.Duration) lesson.Param {
	return lesson.DurationParam(dish, "how long the "+dish+" boils", d, 0, 5*time.Second)
}
