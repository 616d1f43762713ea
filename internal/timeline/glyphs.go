package timeline

// Role says what a piece of a drawing is, for whoever colors it.
type Role uint8

// The roles.
const (
	RoleNone Role = iota
	RoleName
	RoleRunning
	RoleStep
	RoleThread
	RoleWaiting
	RoleLabel
	RoleReady
	RoleDone
	RoleFailed
	RoleCanceled
	RoleAxis
	RoleHost // the name of a host
	RoleLane // where messages begin and end, while the host is up
	RoleDown // the moment from which it is down
	RoleData // messages, by their kinds
	RoleConnecting
	RoleRefusing
	RoleLost
	RoleCount     // how many messages end together
	RoleElsewhere // what is busy elsewhere
)

// Glyphs are the characters that a timeline is drawn with, each of them one
// column wide.
type Glyphs struct {
	Running   string // runs for at least half of the column's time
	Thread    string // runs on a thread of its own for at least half of the column's time
	Elsewhere string // is busy elsewhere for at least half of the column's time
	Step      string // runs for less than half of the column's time
	Waiting   string
	Ready     string
	Done      string
	Failed    string
	Canceled  string
	Line      string // the axis ...
	Origin    string // ... its left end
	Tick      string // ... and where a label stands
	Ellipsis  string

	Lane  string                  // a host is up
	Down  string                  // it goes down
	Lines [16]string              // what leads to a message's end, by the sides to which it goes: see up
	Heads [Lost + 1][sides]string // where messages of a kind end, by where they come from
}

// Unicode is how a timeline looks best.
var Unicode = Glyphs{
	Running: "█", Thread: "▓", Elsewhere: "▒", Step: "▌", Waiting: "─", Ready: "░",
	Done: "✓", Failed: "✗", Canceled: "⊘",
	Line: "─", Origin: "└", Tick: "┴", Ellipsis: "…",
	Lane: "┄", Down: "■",
	Lines: [...]string{"", "│", "│", "│", "─", "╯", "╮", "┤", "─", "╰", "╭", "├", "─", "┴", "┬", "┼"},
	Heads: [...][sides]string{{"▼", "▲", "◆", "►"}, {"▽", "△", "◇", "▷"}, {"R", "R", "R", "R"}, {"×", "×", "×", "×"}},
}

// ASCII is for terminals and files that know nothing else.
var ASCII = Glyphs{
	Running: "#", Thread: "=", Elsewhere: "o", Step: "|", Waiting: "-", Ready: ".",
	Done: "+", Failed: "!", Canceled: "x",
	Line: "-", Origin: "+", Tick: "+", Ellipsis: "~",
	Lane: "_", Down: "%",
	Lines: [...]string{"", ":", ":", ":", "-", "+", "+", "+", "-", "+", "+", "+", "-", "+", "+", "+"},
	Heads: [...][sides]string{{"v", "^", "*", ">"}, {"C", "C", "C", "C"}, {"R", "R", "R", "R"}, {"X", "X", "X", "X"}},
}

// running returns how something that runs is drawn.
func (g Glyphs) running(kind RowKind) cell {
	switch kind {
	case ThreadRow:
		return cell{g.Thread, RoleThread}
	case ElsewhereRow:
		return cell{g.Elsewhere, RoleElsewhere}
	}
	return cell{g.Running, RoleRunning}
}

// outcome returns how the end of something is drawn.
func (g Glyphs) outcome(o Outcome) cell {
	switch o {
	case Failed:
		return cell{g.Failed, RoleFailed}
	case Canceled:
		return cell{g.Canceled, RoleCanceled}
	default:
		return cell{g.Done, RoleDone}
	}
}
