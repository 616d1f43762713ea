package trace

import "strconv"

// A Kind says what an [Event] is about.
type Kind uint8

// The kinds. Their numbers are a part of the JSON that WriteJSON writes: they do not
// change, and new ones come at the end.
const (
	// Spawned: a task was created, by the task Event.By, in the group Event.Group.
	// Event.Created says where.
	Spawned Kind = 1
	// Present: the task was there already when the recording begins. Event.What is what
	// it waits for, if it does.
	Present Kind = 3
	// Holding: the limit of its group keeps the task back.
	Holding Kind = 4
	// Yields: a step of the task, from Event.From to Event.At, after which it is ready
	// again. If Event.Number is not 0, it is several steps, with none of another task
	// between them.
	Yields Kind = 5
	// Waits: a step, after which the task waits for Event.What.
	Waits Kind = 6
	// Ends: the last step of the task.
	Ends Kind = 7
	// Pauses: a part of a step. A task that it starts eagerly comes first.
	Pauses Kind = 8
	// Woken: the task is ready. Event.What has woken it, and if that was a task,
	// Event.By is its number.
	Woken Kind = 9
	// Returned: the task has ended without an error.
	Returned Kind = 10
	// Failed: the task has ended with the error Event.Text.
	Failed Kind = 11
	// Canceled: the task has ended because it was canceled.
	Canceled Kind = 12
	// Panicked: the task has ended with a panic; Event.Text says which.
	Panicked Kind = 13
	// Asked: the task was asked to end, by the task Event.By.
	Asked Kind = 14
	// Called: a callback ran, from Event.From to Event.At. Event.What is its function.
	Called Kind = 15
	// Expired: a deadline was reached. It was set for Event.From.
	Expired Kind = 16
	// Slept: the loop waited for the world, from Event.From to Event.At.
	Slept Kind = 17
	// Opened: the task has opened the group Event.Group, within the group Event.Number;
	// Event.Text is its name.
	Opened Kind = 18
	// Left: the group Event.Group is over.
	Left Kind = 19
	// Named: the object Event.Number, of the kind Event.What, is called Event.Text.
	Named Kind = 20
	// Began: the row Event.Row, of the kind Event.What, begins to be busy, for the task if
	// there is one: a thread, or what [Lane] has made.
	Began Kind = 21
	// Finished: the row no longer is. Event.Text is its error.
	Finished Kind = 22

	// site belongs to the Spawned before it: the places of up to four calls.
	site Kind = 2
)

var kindNames = [...]string{
	Spawned: "spawned", site: "site", Present: "present", Holding: "holding", Yields: "yields", Waits: "waits",
	Ends: "ends", Pauses: "pauses", Woken: "woken", Returned: "returned", Failed: "failed", Canceled: "canceled",
	Panicked: "panicked", Asked: "asked", Called: "called", Expired: "expired", Slept: "slept", Opened: "opened",
	Left: "left", Named: "named", Began: "began", Finished: "finished",
}

// String returns the kind in lower case: "spawned", "waits". Of what is no kind it
// returns "Kind(200)".
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// known reports whether a recording may have records of the kind.
func (k Kind) known() bool { return 0 < k && int(k) < len(kindNames) }

// lasts reports whether the kind is of what has a beginning and an end.
func (k Kind) lasts() bool {
	return k.isStep() || k == Called || k == Slept
}

// isStep reports whether the kind is of a step, or of a part of one.
func (k Kind) isStep() bool { return Yields <= k && k <= Pauses }

// isEnd reports whether the kind says how a task has ended.
func (k Kind) isEnd() bool { return Returned <= k && k <= Panicked }
