package streams_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"testing"

	"github.com/asyncio-go/asyncio/streams"
)

// Every method of a nil pointer and of a zero value returns, with os.ErrInvalid if
// it has an error.
func TestMethodsOfNilAndZeroValues(t *testing.T) {
	values := []any{
		(*streams.Conn)(nil), new(streams.Conn),
		(*streams.PacketConn)(nil), new(streams.PacketConn),
		(*streams.Listener)(nil), new(streams.Listener),
		(*streams.Pipe)(nil), new(streams.Pipe),
	}
	run(t, func(ctx context.Context) error {
		for _, value := range values {
			v := reflect.ValueOf(value)
			name := fmt.Sprintf("%T", value)
			if v.IsNil() {
				name += "(nil)"
			}
			for method := range v.Type().Methods() {
				t.Run(name+"."+method.Name, func(t *testing.T) {
					checkInvalid(t, v.MethodByName(method.Name), someArguments(ctx, v.MethodByName(method.Name).Type()))
				})
			}
		}
		return nil
	})
}

// checkInvalid calls a method of what cannot be used.
func checkInvalid(t *testing.T, method reflect.Value, in []reflect.Value) {
	defer func() {
		if v := recover(); v != nil {
			t.Errorf("it panicked with %v", v)
		}
	}()
	for _, out := range method.Call(in) {
		var err error
		switch value := out.Interface().(type) {
		case error:
			err = value
		case io.Reader: // of WithContext
			_, err = value.Read(make([]byte, 1))
		default:
			if out.Type() != reflect.TypeFor[error]() {
				continue
			}
		}
		expectError(t, "it", err, os.ErrInvalid)
	}
}

// someArguments returns arguments that other values would take.
func someArguments(ctx context.Context, of reflect.Type) (in []reflect.Value) {
	for i := range of.NumIn() {
		switch arg := of.In(i); arg {
		case reflect.TypeFor[context.Context]():
			in = append(in, reflect.ValueOf(ctx))
		case reflect.TypeFor[[]byte]():
			in = append(in, reflect.ValueOf(make([]byte, 8)))
		case reflect.TypeFor[io.Reader]():
			in = append(in, reflect.ValueOf(new(bytes.Buffer)))
		default:
			in = append(in, reflect.Zero(arg))
		}
	}
	return in
}
