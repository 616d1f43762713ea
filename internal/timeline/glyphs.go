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
)

// Glyphs are the characters that a timeline is drawn with, each of them one
// column wide.
type Glyphs struct {
	Running  string // runs for at least half of the column's time
	Thread   string // runs on a thread of its own for at least half of the column's time
	Step     string // runs for less than half of the column's time
	Waiting  string
	Ready    string
	Done     string
	Failed   string
	Canceled string
	Line     string // the axis ...
	Origin   string // ... its left end
	Tick     string // ... and where a label stands
	Ellipsis string
}

// Unicode is how a timeline looks best.
var Unicode = Glyphs{
	Running: "█", Thread: "▓", Step: "▌", Waiting: "─", Ready: "░",
	Done: "✓", Failed: "✗", Canceled: "⊘",
	Line: "─", Origin: "└", Tick: "┴", Ellipsis: "…",
}

// ASCII is for terminals and files that know nothing else.
var ASCII = Glyphs{
	Running: "#", Thread: "=", Step: "|", Waiting: "-", Ready: ".",
	Done: "+", Failed: "!", Canceled: "x",
	Line: "-", Origin: "+", Tick: "+", Ellipsis: "~",
}

// running returns how something that runs is drawn.
func (g Glyphs) running(kind RowKind) cell {
	if kind == ThreadRow {
		return cell{g.Thread, RoleThread}
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
