package trace

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An Event is one thing that a loop has done. Its Kind says what the fields mean; fields
// that mean nothing for the Kind are zero. All times count from [Recording.Start].
type Event struct {
	Kind    Kind
	Loop    int           // the number of the loop in the recording, from 1
	Task    uint64        // the number of the task in its loop; 0: none
	Name    string        // the name of the task
	At      time.Duration // when it happened, or ended
	From    time.Duration // when it began, if it has taken time
	By      uint64        // the task that did it
	Group   uint64        // the group
	Number  uint64        // depends on Kind: the number of an object, the nanoseconds of a sleep, the bytes of what was sent
	What    string        // what it is about, in words: `sleep 2s`, `task "A"`, `lock "db"`, "timer"
	Text    string        // a name, or an error; for Began: what the row does, such as the name of a function
	Row     string        // for Began and Finished: which row
	ID      string        // for Began: which one of what Text names
	Host    string        // the simulated host that it is about, or that sent something
	To      string        // for Sent and Lost: the host to which it was sent
	Arrives time.Duration // for Sent: when it arrives
	Created []Place       // for Spawned: the calls that led to it, innermost first
}

// String returns a sentence about the event, such as
//
//	1.5s  A waits for lock "db" after a step of 20µs
func (e Event) String() string {
	who := e.Name
	if e.Loop > 1 {
		who = strconv.Itoa(e.Loop) + ":" + who
	}
	return fmt.Sprintf("%v  %s", e.At, strings.TrimSpace(who+" "+e.deed()))
}

func (e Event) deed() string {
	took := e.At - e.From
	switch e.Kind {
	case Spawned:
		return "is created" + e.by()
	case Present:
		if e.What != "" {
			return "is there, and waits for " + e.What
		}
		return "is there"
	case Holding:
		return "is held back by the limit of its group"
	case Yields:
		return fmt.Sprintf("gives way after a step of %v", took)
	case Waits:
		return fmt.Sprintf("waits for %s after a step of %v", e.What, took)
	case Ends:
		return fmt.Sprintf("has made its last step, of %v", took)
	case Pauses:
		return fmt.Sprintf("lets another one begin after %v", took)
	case Woken:
		return "is woken by " + e.What
	case Returned:
		return "returns"
	case Failed:
		return "fails: " + e.Text
	case Canceled:
		return "ends canceled"
	case Panicked:
		return "panics: " + e.Text
	case Asked:
		return "is asked to end" + e.by()
	case Called:
		return fmt.Sprintf("the %s ran for %v", e.What, took)
	case Expired:
		return fmt.Sprintf("the deadline of %v is over", e.From)
	case Slept:
		return fmt.Sprintf("the loop slept for %v", took)
	case Opened:
		return fmt.Sprintf("opens group %d%s", e.Group, colon(e.Text))
	case Left:
		return fmt.Sprintf("leaves group %d", e.Group)
	case Named:
		return fmt.Sprintf("a task waits for %s %d%s", e.What, e.Number, colon(e.Text))
	case Began:
		return "keeps " + e.Row + " busy" + colon(strings.TrimSpace(e.Text+" "+e.ID))
	case Finished:
		return "no longer keeps " + e.Row + " busy" + colon(e.Text)
	case Hosted:
		return "is on host " + e.Host
	case HostUp:
		return "host " + e.Host + " is up"
	case HostDown:
		return "host " + e.Host + " is down"
	case Sent:
		if e.Arrives == e.At {
			return e.sending() + ", which arrives at once"
		}
		return fmt.Sprintf("%s, which arrives %v later", e.sending(), e.Arrives-e.At)
	case Lost:
		return e.sending() + ", which is lost"
	default:
		return e.Kind.String()
	}
}

// sending says what was sent: "sends data from a to b (12 bytes)".
func (e Event) sending() string {
	text := fmt.Sprintf("sends %s from %s to %s", e.What, e.Host, e.To)
	if e.Number > 0 {
		text += fmt.Sprintf(" (%d bytes)", e.Number)
	}
	return text
}

func (e Event) by() string {
	if e.By == 0 {
		return ""
	}
	return " by task " + strconv.FormatUint(e.By, 10)
}

func colon(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}
