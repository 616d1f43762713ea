package lessons

import (
	"time"

	"github.com/asyncio-go/asyncio/lessons/condition"
	"github.com/asyncio-go/asyncio/lessons/contextvars"
	"github.com/asyncio-go/asyncio/lessons/deadlock"
	"github.com/asyncio-go/asyncio/lessons/events"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/locks"
	"github.com/asyncio-go/asyncio/lessons/network"
	"github.com/asyncio-go/asyncio/lessons/queue"
	"github.com/asyncio-go/asyncio/lessons/race"
	"github.com/asyncio-go/asyncio/lessons/semaphore"
	"github.com/asyncio-go/asyncio/lessons/streams"
)

// sharing are the lessons on what tasks have in common.
func sharing() []Lesson {
	return []Lesson{
		{
			Name: "queue", Title: "Queue: who makes and who uses, at one pace",
			Aliases: []string{"queues", "producer", "consumer", "back_pressure", "backpressure"},
			Idea: "One task makes things (the producer), others use them (the consumers), and a queue stands between them: first in, first out. " +
				"A queue with a size makes the producer wait while it is full, so that it never gets far ahead: that is back-pressure. " +
				"Without a size, the work that nobody has done yet would fill the memory.",
			Question: Question{
				Text:    "main has 8 orders and never rests. The queue has room for two, and each of two cooks needs half a second for one. When are all orders in?",
				Choices: []string{"at once", "after 1 s", "after 2 s"}, Right: 1, Proof: "order 8 in, 1.0 s",
			},
			Conclusion: "Four orders are in at once, two of them in the cooks' hands. From then on main waits for room, and goes at the pace of the cooks.",
			Try:        "Make room for 8 orders: main never waits. With one cook, all orders are in only after 2.5 s.",
			Params: []lesson.Param{
				lesson.IntParam("size", "how many orders there is room for", 2, 1, 8),
				lesson.IntParam("cooks", "how many cooks there are", 2, 1, 3),
				lesson.DurationParam("takes", "how long an order takes", 500*time.Millisecond, 100*time.Millisecond, time.Second),
			},
			Seconds: 2, Run: queue.Run,
		},
		{
			Name: "locks", Title: "Lock: what must stay together across a wait",
			Aliases: []string{"lock", "mutex", "with"},
			Idea: "Between two awaits no other task runs, so most variables need no lock. " +
				"What has awaits in the middle and must stay in one piece does: a task takes the lock, and whoever wants it after that waits. " +
				"When it is given back, it goes to the one who has waited longest.",
			Question: Question{
				Text:    "Ada and Bob want to say three sentences each, and breathe after each sentence. Only who holds the lock speaks. Who says the second sentence that is heard?",
				Choices: []string{"Ada", "Bob"}, Right: 0, Proof: "Ada says sentence 2",
			},
			Conclusion: "Bob is ready from the beginning, and waits for the lock while Ada breathes. He gets it when she gives it back.",
			Try:        "Let them use no lock: they speak in turns; every breath of the one is a chance for the other.",
			Params: []lesson.Param{
				lesson.BoolParam("lock", "whether they use the lock", true),
				lesson.IntParam("sentences", "how many sentences each says", 3, 1, 5),
				lesson.DurationParam("breath", "how long a breath takes", 300*time.Millisecond, 100*time.Millisecond, time.Second),
			},
			Seconds: 1.8, Run: locks.Run,
		},
		{
			Name: "semaphore", Title: "Semaphore: not too many at once",
			Aliases: []string{"semaphores", "limit", "bounded_semaphore", "throttle"},
			Idea: "A hundred downloads can be in progress at once, but the server may not like it. " +
				"A semaphore has a number of permits: a task takes one before it begins, and gives it back when it is done. " +
				"Who finds none waits for one; a lock is a semaphore with a single permit.",
			Question: Question{
				Text:    "Five pages take half a second each, and two may be loaded at once. How long do all five take?",
				Choices: []string{"0.5 s", "1.5 s", "2.5 s"}, Right: 1, Proof: "5 pages in 1.5 s",
			},
			Conclusion: "All five tasks exist from the beginning, but only two at a time have a permit: two, two, and one.",
			Try:        "Let five be loaded at once: it takes as long as one page. Let one be: one after another. What would you choose for 1000 pages?",
			Params: []lesson.Param{
				lesson.IntParam("limit", "how many may be loaded at once", 2, 1, 8),
				lesson.IntParam("pages", "how many pages there are", 5, 1, 8),
				lesson.DurationParam("takes", "how long a page takes", 500*time.Millisecond, 100*time.Millisecond, time.Second),
			},
			Seconds: 1.5, Run: semaphore.Run,
		},
		{
			Name: "events", Title: "Event: a flag to wait for",
			Aliases: []string{"event", "flag"},
			Idea: "How does one task tell others that something has happened? " +
				"An event is a flag that is not set at first: tasks wait for it, and when one sets it, all who wait go on. " +
				"It stays set, so nobody can miss it.",
			Question: Question{
				Text:    "The door opens after one second. Cid comes only after one and a half. When is Cid in?",
				Choices: []string{"at once", "never: he has missed it"}, Right: 0, Proof: "Cid is at the door\nCid is in",
			},
			Conclusion: "Ada and Bob waited, and went in at the same moment. For Cid the flag is set already, so Wait returns at once.",
			Try:        "Let Cid come after 0.4 s: he waits as the others do. Who of them is in first?",
			Params: []lesson.Param{
				lesson.DurationParam("opens", "when the door opens", time.Second, 100*time.Millisecond, 2*time.Second),
				lesson.DurationParam("Cid", "when Cid comes", 1500*time.Millisecond, 100*time.Millisecond, 2*time.Second),
			},
			Seconds: 1.5, Run: events.Run,
		},
		{
			Name: "condition", Title: "Condition: to wait until something is so",
			Aliases: []string{"conditions", "notify"},
			Idea: "A condition is for what changes again and again, as the bread on a shelf does: a lock for it, with a bell that is rung after each change. " +
				"Who waits gives back the lock until the bell rings, and then looks whether it is so by now. " +
				"If it is not, the wait goes on.",
			Question: Question{
				Text:    "Ada has come first, and wants two loaves of bread. Bob wants one. A loaf is ready every half second. Who buys first?",
				Choices: []string{"Ada", "Bob"}, Right: 1, Proof: "a loaf is ready\nBob buys 1",
			},
			Conclusion: "The first ring wakes both: one loaf is enough for Bob, and Ada goes on waiting. She needs two more rings.",
			Try:        "Let Ada want one loaf: she buys first, as she has waited longer. How long does she wait for two, if Bob wants three?",
			Params: []lesson.Param{
				lesson.IntParam("Ada", "how many loaves Ada wants", 2, 1, 3),
				lesson.IntParam("Bob", "how many loaves Bob wants", 1, 1, 3),
				lesson.DurationParam("bakes", "how long a loaf takes", 500*time.Millisecond, 100*time.Millisecond, time.Second),
			},
			Seconds: 1.5, Run: condition.Run,
		},
		{
			Name: "streams", Title: "Streams: a server and its clients",
			Aliases: []string{"stream", "server", "client", "serve", "dial", "start_server", "open_connection"},
			Idea: "A server waits for clients and runs a function for each of them, in a task of its own. " +
				"To read from a connection is to wait until something has come, and meanwhile the loop has time for the others. " +
				"So one thread serves thousands of clients, and the code reads as if there were only one.",
			Question: Question{
				Text:    "The server paints cups with names, and a letter takes 0.2 s. Carl orders first, and then Al. Who gets his cup first?",
				Choices: []string{"Carl", "Al"}, Right: 1, Proof: "Al orders\nAl gets",
			},
			Conclusion: "Task-5 and Task-6 are the server's, one for each client, so Al need not wait for Carl's cup: two letters take 0.4 s, four take 0.8 s.",
			Try:        "Let Dorothea order after Carl: then he is the first. How would you let the server paint only one cup at a time?",
			Params: []lesson.Param{
				lesson.DurationParam("letter", "how long a letter takes", 200*time.Millisecond, 100*time.Millisecond, 400*time.Millisecond),
				lesson.ChoiceParam("second", "who orders after Carl", "Al", "Al", "Bea", "Dorothea"),
			},
			Seconds: 0.8, Run: streams.Run,
		},
	}
}

// beyond are the lessons on what is outside of the loop, and on what goes wrong.
func beyond() []Lesson {
	return []Lesson{
		{
			Name: "subprocess", Title: "Subprocess: a program beside the loop",
			Aliases: []string{"process", "child", "create_subprocess_exec"},
			Idea: "Another program runs as a child process: a process of its own, which the system runs in parallel. " +
				"Its input and output are pipes, and reading one is a wait like any other, as is waiting for its end. " +
				"So a loop can talk with many children at once, and never blocks.",
			Question: Question{
				Text:    "The child sorts: it reads words and prints them in order. They come one every half second. When does the reader get its first line?",
				Choices: []string{"with the first word", "when all words are there"}, Right: 1,
				Proof: "to the child: that is all\nfrom the child: apples",
			},
			Conclusion: "The reader waits for the pipe, and main for its clock; the child cannot know its first line before it has read the last.",
			Try:        "Let main pause for longer: the reader waits all the time, and costs nothing.",
			Params: []lesson.Param{
				lesson.DurationParam("pause", "how long main pauses after each word", 500*time.Millisecond, 100*time.Millisecond, time.Second),
				lesson.IntParam("words", "how many words there are", 3, 1, 3),
			},
			Seconds: 1.5, NeedsProcess: true, Run: runSubprocess,
		},
		{
			Name: "contextvars", Title: "Context variables: what a task knows without being told",
			Aliases: []string{"contextvar", "context", "context_variables", "with_value"},
			Idea: "For whom is this line of the log? To hand the user on through every call would be a burden, and a global variable would be the same for all tasks. " +
				"A context variable is a value that a task inherits when it is created, and every task that it creates in turn. " +
				"In Go it is context.WithValue, in Python a ContextVar.",
			Question: Question{
				Text:    "main sets the user to Ada and creates the first request, sets it to Bob and creates the second, and sets it to Cid. For whom does the first request work when it ends?",
				Choices: []string{"Ada", "Bob", "Cid"}, Right: 0, Proof: "Ada: the request ends",
			},
			Conclusion: "Each task kept what was set when it was created, and so did the mails that the requests have sent. What main sets later is for what it does later.",
			Try:        "Let main set Ada last: it works for Ada again, and nothing changes for the requests.",
			Params: []lesson.Param{
				lesson.DurationParam("takes", "how long the second request takes; the first takes twice that", 500*time.Millisecond, 100*time.Millisecond, time.Second),
				lesson.ChoiceParam("last", "whom main sets last", "Cid", "Ada", "Bob", "Cid"),
			},
			Seconds: 1, Run: contextvars.Run,
		},
		{
			Name: "deadlock", Title: "Deadlock: two tasks that wait for each other",
			Aliases: []string{"deadlocks", "dining", "dump_tasks", "dump"},
			Idea: "Ann has the knife and waits for the board; Bob has the board and waits for the knife: a deadlock, which never ends by itself. " +
				"Nothing fails and nothing is busy, so it has to be looked for: ask each task what it waits for. " +
				"The cure is an order: if all take the knife before the board, there is no circle.",
			Question: Question{
				Text:    "Ann takes the knife, then the board. Bob takes the board, then the knife. Who has both at first?",
				Choices: []string{"Ann", "Bob", "neither"}, Right: 2,
				Proof: "Ann waits for lock \"board\"\nBob waits for lock \"knife\"",
			},
			Conclusion: "After a second both still wait, each for what the other holds. main cancels Bob, who gives back the board, and Ann can chop.",
			Try: "Let Bob take the knife first: in the same order as Ann, he waits for a moment, not for ever. " +
				"In your own program, Ctrl-\\ with DumpOnQuit shows such a circle, and who holds what.",
			Params: []lesson.Param{
				lesson.ChoiceParam("first", "what Bob takes first", "board", "board", "knife"),
				lesson.DurationParam("reach", "how long it takes to reach for the second tool", 300*time.Millisecond, 100*time.Millisecond, 400*time.Millisecond),
			},
			Seconds: 1, Run: deadlock.Run,
		},
		{
			Name: "race", Title: "Race: what happens across an await, and how to find it",
			Aliases: []string{"races", "explore", "lost_update", "race_condition"},
			Idea: "No other task runs between two awaits, but during an await any may: what was read before it may be old after it. " +
				"Such a race hides, because the loop's usual order is always the same, until a timer or a socket comes a little later. " +
				"Explore runs the program in many orders, and prints a word that replays the one that is wrong.",
			Question: Question{
				Text:    "The balance is 100. Salary adds 50, rent takes 30; each reads it, awaits, and writes it. In the usual order that makes 120. Does every other order make 120, too?",
				Choices: []string{"yes", "no"}, Right: 1, Proof: "wrong: balance 70, not 120",
			},
			Conclusion: "In that order rent reads 100 before salary has written 150, and writes 70: the salary is lost. Nothing in the code looks wrong, and no data race detector can see it.",
			Try: "Let them use a lock: each reads and writes undisturbed, and all orders are right. If only one order is tried, it is the usual one. " +
				"In your own tests: asynciotest.Explore.",
			Params: []lesson.Param{
				lesson.BoolParam("lock", "whether they use a lock", false),
				lesson.IntParam("orders", "how many orders are tried", 20, 1, 100),
			},
			Seconds: 0.4, Run: race.Run,
		},
		{
			Name: "network", Title: "Network: an answer that gets lost",
			Aliases: []string{"hosts", "partition", "simulation", "distributed", "idempotent"},
			Idea: "When no answer comes, one cannot know what has happened: the question may be lost, or only the answer. " +
				"On the machines of a test, networks rarely fail, and never the same way twice. " +
				"Here the network is in memory: a program has its hosts on one loop, and the test cuts, slows down and heals the links between them, at moments that it chooses.",
			Question: Question{
				Text:    "The shop asks the bank to pay 30 of 100 for order 7, and asks once more when no answer has come within a second. The first answer gets lost. What is the balance in the end?",
				Choices: []string{"70", "40", "100"}, Right: 1, Proof: "bank: the balance is 40",
			},
			Conclusion: "The bank had paid already, and its answer was lost. To ask once more made it pay twice, though neither program has an error of its own.",
			Try: "Let the bank pay each order only once: however often it is asked, the balance is 70. Let answers be lost for no time: one question is enough. " +
				"In your own tests: asynciotest.Net.",
			Params: []lesson.Param{
				lesson.BoolParam("once", "whether the bank pays an order only once", false),
				lesson.DurationParam("lost", "how long answers get lost", 700*time.Millisecond, 0, 2*time.Second),
			},
			Seconds: 2.9, Run: network.Run,
		},
	}
}
