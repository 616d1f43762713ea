package engine

// An UnseenError is an error of a task that no one has looked at.
type UnseenError struct {
	Task     uint64
	Name     string // of the task
	Text     string // what the error says
	Reported bool   // the task is gone, so no one will; it was reported
}

// unseenKept bounds how many of those that were reported are kept until someone asks.
const unseenKept = 20

// UnseenErrors returns some of the errors of tasks that no one has looked at, oldest
// first, and those that were reported since it was last called. Loop only.
func (l *Loop) UnseenErrors(most int) (all []UnseenError) {
	all, l.reported = l.reported, nil
	looked := 0
	for x := range l.unseen.All {
		if looked++; looked > most {
			break
		}
		if x.task != 0 {
			all = append(all, x.unseenError())
		}
	}
	return all
}

func (x *failure) unseenError() UnseenError {
	return UnseenError{Task: x.task, Name: x.name, Text: x.loop.ErrorText(x.err)}
}

// noteReported keeps for those who watch that an error was reported.
func (x *failure) noteReported() {
	l := x.loop
	if l.trace == nil || x.task == 0 || len(l.reported) >= unseenKept {
		return
	}
	u := x.unseenError()
	u.Reported = true
	l.reported = append(l.reported, u)
}
