package subprocess

import (
	"errors"
	"os"
	"os/exec"
)

// A processGroup is the process of a Cmd that has ProcessGroup, and the processes that it
// has started. Each system has its own implementation:
//
//	prepare  sets in a command what makes the process lead a group
//	begin    is called with the process, once it has been started
//	signal   sends a signal to all in it
//	end      kills what is left of it; to be called before the leader is reaped
//
// Until it is reaped, the leader keeps its number, which is also the number of the group.
// So a signal never reaches another group that has got the number again.
var _ interface {
	prepare(c *exec.Cmd) error
	begin(p *os.Process) error
	signal(sig os.Signal) error
	end()
} = (*processGroup)(nil)

var errOtherGroup = errors.New("subprocess: ProcessGroup, and SysProcAttr puts the process into a group that it does not lead: leave one of them away")
