// Package nettest holds the library's connections to the conformance tests of
// golang.org/x/net. It is a module of its own, so that these are no dependency
// of the library.
package nettest

import (
	"context"
	"net"
	"testing"
	"time"

	"golang.org/x/net/nettest"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// The tests use the connections from goroutines of their own, while the loop
// runs beside them; its clock jumps when nothing has come from them for a
// while.
func TestPipe(t *testing.T) {
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		ends := make(chan [2]net.Conn)
		over, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			asynciotest.Run(t, func(ctx context.Context) {
				a, b := asynciotest.Pipe(ctx)
				_, _ = asyncio.ToThread(ctx, func(context.Context) (int, error) {
					ends <- [2]net.Conn{a, b}
					<-over
					return 0, nil
				})
			}, asynciotest.Patience(10*time.Millisecond))
		}()
		pair := <-ends
		stop := func() {
			_, _ = pair[0].Close(), pair[1].Close()
			close(over)
			<-ended
		}
		return pair[0], pair[1], stop, nil
	})
}
