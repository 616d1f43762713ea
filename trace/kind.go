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
	// Present: the task was there already when the recording began. Event.What is what it
	// waits for, if it waits.
	Present Kind = 3
	// Holding: the limit of its group keeps the task back.
	Holding Kind = 4
	// Yields: a step of the task, from Event.From to Event.At, after which it is ready
	// again. If Event.Number is not 0, the event stands for several steps, with no step
	// of another task between them.
	Yields Kind = 5
	// Waits: a step, after which the task waits for Event.What.
	Waits Kind = 6
	// Ends: the last step of the task.
	Ends Kind = 7
	// Pauses: a part of a step of the task. It pauses because another task, which it
	// starts eagerly, runs first.
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
	// Expired: a deadline was reached. Event.From is the time of the deadline.
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
	// Began: the row Event.Row, of the kind Event.What, begins to be busy, for the task
	// if there is one. A row is a thread, or was made by [Lane].
	Began Kind = 21
	// Finished: the row is no longer busy. Event.Text is the error of what it did.
	Finished Kind = 22
	// Hosted: the task is on the simulated host Event.Host. A task of which this is not
	// told is where the test itself is. It comes after Spawned, or Present.
	Hosted Kind = 23
	// HostUp: the simulated host Event.Host runs from now on.
	HostUp Kind = 24
	// HostDown: the simulated host Event.Host has ended, or has crashed.
	HostDown Kind = 25
	// Sent: the host Event.Host has sent Event.Number bytes to the host Event.To, where
	// they arrive at Event.Arrives. Event.What says what it is: "connect", "accept",
	// "refuse", "data", "end" (of a stream), "reset", "datagram". The task is the one that
	// ran, if any did.
	Sent Kind = 26
	// Lost: Event.Host has sent something likewise, and it does not arrive.
	Lost Kind = 27

	// site belongs to the Spawned before it: the places of up to four calls.
	site Kind = 2
)

var kindNames = [...]string{
	Spawned: "spawned", site: "site", Present: "present", Holding: "holding", Yields: "yields", Waits: "waits",
	Ends: "ends", Pauses: "pauses", Woken: "woken", Returned: "returned", Failed: "failed", Canceled: "canceled",
	Panicked: "panicked", Asked: "asked", Called: "called", Expired: "expired", Slept: "slept", Opened: "opened",
	Left: "left", Named: "named", Began: "began", Finished: "finished",
	Hosted: "hosted", HostUp: "host-up", HostDown: "host-down", Sent: "sent", Lost: "lost",
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
