package lessons

import (
	"github.com/asyncio-go/asyncio/lessons/blocking"
	"github.com/asyncio-go/asyncio/lessons/cancellation"
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
			Idea: "Cancel asks a task to stop: whatever it waits for returns ErrCanceled, and its context is done. " +
				"The task may clean up first, and who awaits it waits for that as well. " +
				"Cleaning up that has to wait uses context.WithoutCancel, as everywhere in Go.",
			Conclusion: "The download is canceled after a second, but ends only when its file is removed.",
			Seconds:    1.5, Run: old(cancellation.Run),
		},
		{
			Name: "timeouts", Title: "Timeouts: waiting, but not for ever",
			Aliases: []string{"timeout", "wait_for", "with_timeout"},
			Idea: "WithTimeout gives a block of code so much time, however many awaits it has. " +
				"When the time is up, the wait is cut and the block returns ErrTimeout. " +
				"WaitFor does the same for a single coroutine or task.",
			Conclusion: "The second wait is cut in the middle, and page 3 is never asked for.",
			Seconds:    2.5, Run: old(timeouts.Run),
		},
		{
			Name: "wait", Title: "Wait and AsCompleted: as they come",
			Aliases: []string{"as_completed", "first_completed"},
			Idea: "Wait returns when the first task is done (or the first fails, or all are done), and says which are still pending. " +
				"It cancels nothing and raises nothing. " +
				"AsCompleted is a loop over results in the order in which they arrive.",
			Conclusion: "main wakes three times, once for each arrival, whatever the order of the rows.",
			Seconds:    3, Run: old(wait.Run),
		},
		{
			Name: "shield", Title: "Shield: stop waiting, not the work",
			Idea: "Who awaits a task and is canceled cancels that task, too. " +
				"Shield stands in between: the wait is given up, the task goes on. " +
				"Use it for what has to come to an end once it has begun, and keep the task, to await it later.",
			Conclusion: "Both waits are given up after a second. The letter ends with the wait; the payment comes to its end.",
			Seconds:    3, Run: old(shield.Run),
		},
		{
			Name: "threads", Title: "Threads: for what blocks",
			Aliases: []string{"to_thread", "thread", "executor"},
			Idea: "Not everything knows the loop: reading a file or calling a C library blocks until it is done. " +
				"ToThread runs such a call on a thread of its own, while the task that asked waits as for anything else. " +
				"The loop and all other tasks go on.",
			Conclusion: "The threads are busy, their tasks wait, and the heart beats on time.",
			Seconds:    2, Run: old(threads.Run),
		},
		{
			Name: "blocking", Title: "Blocking: what stops the loop, and how to see it",
			Aliases: []string{"block", "stall", "watchdog", "slow_step"},
			Idea: "The same call without a thread: it keeps the loop, and every other task stands still. " +
				"That is the most common mistake with event loops, and hard to find by reading. " +
				"The watchdog finds it while it happens: it reports the task that is stuck, with its stack.",
			Conclusion: "The heart wanted to sleep for half a second, but nobody wakes it while the hog runs: the third beat is late, and all that follow.",
			Seconds:    2.75, Loop: true, Run: old(blocking.Run),
		},
	}
}
