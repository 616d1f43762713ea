//go:build !unix && !windows

package subprocess

import "os"

var terminate = os.Kill

func shell(command string) *Cmd { return Command("/bin/sh", "-c", command) }

func endedBy(*os.ProcessState) (sig int, ok bool) { return 0, false }
