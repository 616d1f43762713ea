package lessons

import (
	"time"

	"github.com/asyncio-go/asyncio/lessons/blocking"
	"github.com/asyncio-go/asyncio/lessons/cancellation"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/shield"
	"github.com/asyncio-go/asyncio/lessons/threads"
	"github.com/asyncio-go/asyncio/lessons/timeouts"
	"github.com/asyncio-go/asyncio/lessons/wait"
)

// tools are the lessons on what programs need besides.
func tools() []Lesson {
	return []Lesson{
		{
			Name: "cancellation", Title: "Cancellation: a polite request",
			Aliases: []string{"cancel", "canceled", "cancelled"},
			Idea: "Cancel asks a task to stop: what it waits for returns ErrCanceled, and its context is done. " +
				"The task may clean up first, and who awaits it waits for that as well. " +
				"Cleaning up that has to wait uses context.WithoutCancel, as everywhere in Go.",
			Question: Question{
				Text: "A download of 3 s is asked to stop after 1 s. It has to remove its file, which takes 0.5 s. When does it end?",
				Choices: []string{
					"after 1.0 s: it is stopped at once",
					"after 1.5 s: when its file is removed",
					"after 3.0 s: it does not have to listen",
				},
				Right: 1, Proof: "ended after 1.5 s",
			},
			Conclusion: "Cancel came at 1 s and cut the wait of the download, which then took the time it needed. " +
				"main went on only when the task had ended.",
			Try: "Let the cleanup take 2 s: main waits for it, too. " +
				"If you edit the code, let goesOn be ctx: the cleanup is cut at once.",
			Params: []lesson.Param{
				lesson.DurationParam("download", "how long the download would take", 3*time.Second, 2*time.Second, 5*time.Second),
				lesson.DurationParam("patience", "after how long it is canceled", 1*time.Second, 0, 2*time.Second),
				lesson.DurationParam("cleanup", "how long it takes to remove the file", 500*time.Millisecond, 0, 3*time.Second),
			},
			Seconds: 1.5, Run: cancellation.Run,
		},
		{
			Name: "timeouts", Title: "Timeouts: waiting, but not for ever",
			Aliases: []string{"timeout", "wait_for", "with_timeout"},
			Idea: "WithTimeout gives a block of code so much time, however many waits it has. " +
				"When the time is up, the wait is canceled and the block returns ErrTimeout. " +
				"WaitFor does the same for a single coroutine or task.",
			Question: Question{
				Text:    "Three pages take 1 s each, and a block of 1.5 s fetches one after another. How many arrive?",
				Choices: []string{"none: they take 3 s", "one", "two: the second has begun"},
				Right:   1, Proof: "got 1 of 3 pages",
			},
			Conclusion: "The second wait was cut in the middle, and page 3 was never asked for. " +
				"Page 4 had 1.5 s for itself, and needed one.",
			Try: "Raise the limit to 3.5 s: all pages arrive. " +
				"Let a page take 2 s: not even page 4 does.",
			Params: []lesson.Param{
				lesson.DurationParam("page", "how long a page takes", 1*time.Second, 0, 3*time.Second),
				lesson.DurationParam("limit", "how long main waits at most", 1500*time.Millisecond, 100*time.Millisecond, 5*time.Second),
			},
			Seconds: 2.5, Run: timeouts.Run,
		},
		{
			Name: "wait", Title: "Wait and AsCompleted: as they come",
			Aliases: []string{"as_completed", "first_completed"},
			Idea: "Wait returns when the first task is done (or the first fails, or all are done), and says which are not. " +
				"It cancels nothing, and it does not return the errors of the tasks. " +
				"AsCompleted is a loop over results in the order in which they arrive.",
			Question: Question{
				Text: "A turtle takes 3 s, a hare 1 s, a dog 2 s, and they start in this order. Which does main meet second?",
				Choices: []string{
					"the turtle: it stands first in the list",
					"the dog: it arrives next",
				},
				Right: 1, Proof: "next: dog",
			},
			Conclusion: "main woke three times, once for each arrival, whatever the order of the rows. " +
				"Gather would have woken it once, at the end.",
			Try: "Let the hare sleep, with 4 s. Who is first, and who is last?",
			Params: []lesson.Param{
				lesson.DurationParam("turtle", "how long the turtle takes", 3*time.Second, 0, 5*time.Second),
				lesson.DurationParam("hare", "how long the hare takes", 1*time.Second, 0, 5*time.Second),
				lesson.DurationParam("dog", "how long the dog takes", 2*time.Second, 0, 5*time.Second),
			},
			Seconds: 3, Run: wait.Run,
		},
		{
			Name: "shield", Title: "Shield: stop waiting, not the work",
			Idea: "When a task is canceled while it awaits another, the other is canceled as well. " +
				"Shield stands between the two: the wait is given up, the work goes on. " +
				"Use it for what has to come to its end once it has begun, and keep the task, to await it later.",
			Question: Question{
				Text: "main waits 0.5 s for a letter, then 0.5 s for a payment; both take 2 s. The payment is shielded. What is sent?",
				Choices: []string{
					"neither: main gave up both",
					"the payment",
					"both",
				},
				Right: 1, Proof: "payment: sent",
			},
			Conclusion: "Both waits were given up after 0.5 s. The letter ended with the wait for it; the payment came to its end, and main took its result then.",
			Try: "Let sending take 4 s: the payment goes on for as long as it needs. " +
				"If you edit the code, let shielded return payment.Await(ctx): it is canceled like the letter.",
			Params: []lesson.Param{
				lesson.DurationParam("send", "how long it takes to send", 2*time.Second, 2*time.Second, 5*time.Second),
				lesson.DurationParam("patience", "how long main waits for each", 500*time.Millisecond, 0, 900*time.Millisecond),
			},
			Seconds: 2, Run: shield.Run,
		},
		{
			Name: "threads", Title: "Threads: for what blocks",
			Aliases: []string{"to_thread", "thread", "executor"},
			Idea: "Not everything knows the loop: reading a file or calling a C library blocks, that is, it keeps whoever calls it until it is done. " +
				"ToThread makes such a call on a thread beside the loop, while the task that asked waits as for anything else. " +
				"The loop and all other tasks go on.",
			Question: Question{
				Text: "Two files are read by calls that block, for 1.5 s and 0.9 s. Does a heart that wants to beat every 0.4 s do so meanwhile?",
				Choices: []string{
					"yes: the loop is free",
					"no: not before both files are read",
				},
				Right: 0, Proof: "beat 3, 0.0 s late",
			},
			Conclusion: "The threads were blocked, their tasks waited, and the heart beat on time. " +
				"Both files together took 1.5 s, because the threads waited side by side.",
			Try: "Let a.txt take 3 s: the heart does not care. " +
				"The next lesson makes such a call without a thread.",
			Params: []lesson.Param{
				lesson.DurationParam("a.txt", "how long it takes to read a.txt", 1500*time.Millisecond, 0, 3*time.Second),
				lesson.DurationParam("b.txt", "how long it takes to read b.txt", 900*time.Millisecond, 0, 3*time.Second),
			},
			Seconds: 1.6, Loop: true, Run: threads.Run,
		},
		{
			Name: "blocking", Title: "Blocking: what stops the loop, and how to see it",
			Aliases: []string{"block", "stall", "watchdog", "slow_step"},
			Idea: "The same call without a thread keeps the loop, and every other task stands still. " +
				"That is the most common mistake with event loops, and hard to find by reading. " +
				"The hog here blocks for 0.9 s, in the middle of everything.",
			Question: Question{
				Text: "The heart wants to beat every 0.4 s. The hog calls time.Sleep at 0.6 s, for 0.9 s. What of the beat that is due at 0.8 s?",
				Choices: []string{
					"it is on time: time.Sleep only waits",
					"it is 0.7 s late",
				},
				Right: 1, Proof: "beat 2, 0.7 s late",
			},
			Conclusion: "The heart was ready at 0.8 s, but nobody gave it the loop before 1.5 s. " +
				"In your programs, the watchdog finds such a hog while it blocks, after a second, or after 100 ms with asyncio.Debug(true): it reports the task and its stack. " +
				"Many of them are found before the program runs: asyncio vet names the call, and the way from the task to it.",
			Try: "Let it block in a thread: the same call, and the heart beats on time. " +
				"With asyncio.Sleep in place of the call, it would need no thread.",
			Params: []lesson.Param{
				lesson.DurationParam("hog", "how long the hog blocks", 900*time.Millisecond, 0, 3*time.Second),
				lesson.BoolParam("thread", "whether it blocks in a thread", false),
			},
			Seconds: 2.3, Loop: true, Run: blocking.Run,
		},
	}
}
