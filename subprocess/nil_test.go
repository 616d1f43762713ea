package subprocess_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/subprocess"
)

// Every method of what was never made returns, and none succeeds that can fail.
func TestMethodsOfNilAndZeroDoNotPanic(t *testing.T) {
	mayFail := []string{"Start", "Run", "Output", "CombinedOutput", "Communicate", "Wait", "Kill", "Terminate"}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		var none *subprocess.Cmd
		asynctest.ExpectMethodsReturn(ctx, t, "nil", func() reflect.Value { return reflect.ValueOf(none) }, mayFail...)
		made := asynctest.ExpectMethodsReturn(ctx, t, "zero", func() reflect.Value { return reflect.ValueOf(new(subprocess.Cmd)) }, mayFail...)
		for _, cmd := range made {
			_ = cmd.Interface().(*subprocess.Cmd).Start(ctx) // closes the pipes
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
