package streams_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"reflect"
	"testing"

	"github.com/asyncio-go/asyncio/streams"
)

// Every method of a nil pointer and of a zero value returns, and if it returns an
// error, that is os.ErrInvalid.
func TestMethodsOfNilAndZeroValues(t *testing.T) {
	values := []any{
		(*streams.Conn)(nil), new(streams.Conn),
		(*streams.PacketConn)(nil), new(streams.PacketConn),
		(*streams.Listener)(nil), new(streams.Listener),
		(*streams.Pipe)(nil), new(streams.Pipe),
		(*streams.Reader)(nil), new(streams.Reader),
		(*streams.Transport)(nil), new(streams.Transport),
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
		case iter.Seq2[[]byte, error]:
			for _, err = range value {
			}
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
		if of.IsVariadic() && i == of.NumIn()-1 {
			break
		}
		switch arg := of.In(i); arg {
		case reflect.TypeFor[context.Context]():
			in = append(in, reflect.ValueOf(ctx))
		case reflect.TypeFor[[]byte]():
			in = append(in, reflect.ValueOf(make([]byte, 8)))
		case reflect.TypeFor[io.Reader](), reflect.TypeFor[io.Writer]():
			in = append(in, reflect.ValueOf(new(bytes.Buffer)))
		case reflect.TypeFor[streams.Protocol]():
			in = append(in, reflect.ValueOf(new(streams.BaseProtocol)))
		default:
			in = append(in, reflect.Zero(arg))
		}
	}
	return in
}
