package subprocess

import (
	"cmp"
	"os"
	"syscall"
)

// terminate is Kill: processes cannot be asked here.
var terminate = os.Kill

// shell hands the line on as it is: cmd has rules of its own for quotes.
func shell(command string) *Cmd {
	c := Command(cmp.Or(os.Getenv("COMSPEC"), "cmd.exe"), "/c", command)
	c.SysProcAttr = &syscall.SysProcAttr{CmdLine: syscall.EscapeArg(c.Args[0]) + ` /c "` + command + `"`}
	return c
}

func endedBy(*os.ProcessState) (sig int, ok bool) { return 0, false }
