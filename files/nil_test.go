package files_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/files"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// Every method of what was never made returns, and none succeeds that can fail.
func TestMethodsOfNilAndZeroDoNotPanic(t *testing.T) {
	mayFail := []string{"Read", "ReadAt", "Write", "WriteAt", "Seek", "Stat", "Sync", "Close"}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		var none *files.File
		asynctest.ExpectMethodsReturn(ctx, t, "nil", func() reflect.Value { return reflect.ValueOf(none) }, mayFail...)
		asynctest.ExpectMethodsReturn(ctx, t, "zero", func() reflect.Value { return reflect.ValueOf(new(files.File)) }, mayFail...)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
