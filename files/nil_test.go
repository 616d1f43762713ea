package files_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/files"
)

// Every method of what was never made returns, and none succeeds that can fail.
func TestMethodsOfNilAndZeroDoNotPanic(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		var none *files.File
		callAll(ctx, t, "nil", func() reflect.Value { return reflect.ValueOf(none) })
		callAll(ctx, t, "zero", func() reflect.Value { return reflect.ValueOf(new(files.File)) })
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func callAll(ctx context.Context, t *testing.T, kind string, make func() reflect.Value) {
	for i := range make().NumMethod() {
		v := make()
		name := v.Type().Method(i).Name
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s of a %s File panics: %v", name, kind, r)
				}
			}()
			results := v.Method(i).Call(zeroArguments(ctx, v.Method(i).Type()))
			if n := len(results); n > 0 && mayFail[name] && results[n-1].IsNil() {
				t.Errorf("%s of a %s File succeeds", name, kind)
			}
		}()
	}
}

// zeroArguments are the context, and what is zero for all else.
func zeroArguments(ctx context.Context, method reflect.Type) (args []reflect.Value) {
	fixed := method.NumIn()
	if method.IsVariadic() {
		fixed--
	}
	for i := range fixed {
		arg := reflect.Zero(method.In(i))
		if method.In(i) == reflect.TypeFor[context.Context]() {
			arg = reflect.ValueOf(ctx)
		}
		args = append(args, arg)
	}
	return args
}

var mayFail = map[string]bool{"Read": true, "ReadAt": true, "Write": true, "WriteAt": true, "Seek": true, "Stat": true, "Sync": true, "Close": true}
