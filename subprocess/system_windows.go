package subprocess

import (
	"cmp"
	"os"
	"syscall"
)

// terminate is os.Kill: on Windows, processes cannot be asked to end.
var terminate = os.Kill

// shell passes the line to cmd unchanged, because cmd has its own rules for quotes.
func shell(command string) *Cmd {
	c := Command(cmp.Or(os.Getenv("COMSPEC"), "cmd.exe"), "/c", command)
	c.SysProcAttr = &syscall.SysProcAttr{CmdLine: syscall.EscapeArg(c.Args[0]) + ` /c "` + command + `"`}
	return c
}

func endedBy(*os.ProcessState) (sig int, ok bool) { return 0, false }
