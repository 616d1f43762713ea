package subprocess_test

import (
	"context"
	"strings"
	"syscall"
	"testing"
)

func TestAProcessThatIsReapedByOthersIsAnError(t *testing.T) {
	run(t, func(ctx context.Context, t *testing.T) {
		cmd := program("sleep")
		mustStart(ctx, t, cmd)
		expectIs(t, "Kill", cmd.Kill(), nil)
		var status syscall.WaitStatus
		must[int](t)(syscall.Wait4(cmd.Pid(), &status, 0, nil))
		err := cmd.Wait(ctx)
		expectIs(t, "Wait", err, syscall.ECHILD)
		if err == nil || !strings.Contains(err.Error(), "something else in this program has waited for it") {
			t.Errorf("Wait returned %v", err)
		}
	})
}
