package streams_test

import (
	"context"
	"fmt"
	"io"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// An echo sends back what it gets, and reads no more while the other side does
// not take it.
type echo struct {
	streams.BaseProtocol
	transport *streams.Transport
}

func (e *echo) ConnectionMade(t *streams.Transport) { e.transport = t }
func (e *echo) DataReceived(data []byte)            { _, _ = e.transport.Write(data) } // ConnectionLost gets the error
func (e *echo) PauseWriting()                       { e.transport.PauseReading() }
func (e *echo) ResumeWriting()                      { e.transport.ResumeReading() }
func (e *echo) ConnectionLost(err error)            { fmt.Println("lost:", err) }

func ExampleProtocol() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		near, far := asynciotest.Pipe(ctx) // two ends of a connection
		if _, err := streams.StartProtocol(ctx, near, new(echo)); err != nil {
			return err
		}
		_, err := far.Write([]byte("hello"))
		if err != nil {
			return err
		}
		answer := make([]byte, 5)
		if _, err := io.ReadFull(far, answer); err != nil {
			return err
		}
		fmt.Printf("%s\n", answer)
		return far.Close()
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// hello
	// lost: <nil>
}
