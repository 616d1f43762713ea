package asynctest

import (
	"context"
	"reflect"
	"testing"
)

// ExpectMethodsReturn calls every method of what make returns, each time of a new one,
// and expects that none panics, and that none succeeds that can fail: those that
// mayFail names. Kind says in a failure what was made. It returns all that was made.
func ExpectMethodsReturn(ctx context.Context, t *testing.T, kind string, make func() reflect.Value, mayFail ...string) (made []reflect.Value) {
	t.Helper()
	failing := map[string]bool{}
	for _, name := range mayFail {
		failing[name] = true
	}
	for i := range make().NumMethod() {
		v := make()
		made = append(made, v)
		name := v.Type().Method(i).Name
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s of a %s %v panics: %v", name, kind, v.Type(), r)
				}
			}()
			results := v.Method(i).Call(Arguments(ctx, v.Method(i).Type()))
			if n := len(results); n > 0 && failing[name] && results[n-1].IsNil() {
				t.Errorf("%s of a %s %v succeeds", name, kind, v.Type())
			}
		}()
	}
	return made
}

// Arguments returns arguments for a method: the context, functions that return zero,
// and what is zero for all else.
func Arguments(ctx context.Context, method reflect.Type) (args []reflect.Value) {
	fixed := method.NumIn()
	if method.IsVariadic() {
		fixed--
	}
	for i := range fixed {
		in := method.In(i)
		switch {
		case in == reflect.TypeFor[context.Context]():
			args = append(args, reflect.ValueOf(ctx))
		case in.Kind() == reflect.Func:
			args = append(args, reflect.MakeFunc(in, func([]reflect.Value) (out []reflect.Value) {
				for j := range in.NumOut() {
					out = append(out, reflect.Zero(in.Out(j)))
				}
				return out
			}))
		default:
			args = append(args, reflect.Zero(in))
		}
	}
	return args
}
