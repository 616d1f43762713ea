package subprocess_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestAProcessThatIsReapedByOthersIsAnError(t *testing.T) {
	run(t, func(ctx context.Context, t *testing.T) {
		cmd := program("sleep")
		mustStart(ctx, t, cmd)
		pid := cmd.Pid()
		expectIs(t, "Kill", cmd.Kill(), nil)
		var status syscall.WaitStatus
		must[int](t)(syscall.Wait4(pid, &status, 0, nil))
		err := cmd.Wait(ctx)
		expectIs(t, "Wait", err, syscall.ECHILD)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d is lost: something else in this program has waited for it", pid)) {
			t.Errorf("Wait returned %v", err)
		}
		if code, ended := cmd.ReturnCode(); code != 255 || !ended || cmd.Pid() != pid {
			t.Errorf("the return code is %d, %v, and the number %d, want 255, true, %d", code, ended, cmd.Pid(), pid)
		}
		expectIs(t, "Kill", cmd.Kill(), os.ErrProcessDone)
		expectIs(t, "Terminate", cmd.Terminate(), os.ErrProcessDone)
	})
}
