package streams_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/asyncio-go/asyncio/streams"
)

func ExampleReader_Lines() {
	r := streams.NewReader(strings.NewReader("first\nsecond\nlast"), 0)
	for line, err := range r.Lines() {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("%q\n", line)
	}
	// Output:
	// "first\n"
	// "second\n"
	// "last"
}

func ExampleReader_ReadUntil() {
	r := streams.NewReader(strings.NewReader("one;two|three"), 100)
	for {
		part, err := r.ReadUntil([]byte(";"), []byte("|"))
		var incomplete *streams.IncompleteReadError
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.As(err, &incomplete):
			fmt.Printf("at the end there was %q\n", incomplete.Partial)
		default:
			fmt.Printf("%q\n", part)
		}
	}
	// Output:
	// "one;"
	// "two|"
	// at the end there was "three"
}

// A peer that sends a line without an end cannot make the program use memory
// without an end.
func ExampleLimitOverrunError() {
	r := streams.NewReader(strings.NewReader(strings.Repeat("x", 1000)+";end;"), 100)
	for {
		part, err := r.ReadUntil([]byte(";"))
		var overrun *streams.LimitOverrunError
		if errors.As(err, &overrun) {
			_, err = r.ReadExactly(overrun.Consumed)
			part = []byte("(too long)")
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q\n", part)
	}
	// Output:
	// "(too long)"
	// ";"
	// "end;"
	// streams: the stream ended after 0 bytes, before a separator
}

// A message that begins with its length.
func ExampleReader_ReadExactly() {
	r := streams.NewReader(strings.NewReader("\x00\x05hello\x00\x03bye\x00\x09cut"), 0)
	for {
		head, err := r.ReadExactly(2)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, err := r.ReadExactly(int(binary.BigEndian.Uint16(head)))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s\n", body)
	}
	// Output:
	// hello
	// bye
	// streams: the stream ended after 3 of 9 bytes
}

// What a peer speaks can be told by its first bytes, and read by whoever knows it.
func ExampleReader_Peek() {
	for _, stream := range []string{"GET / HTTP/1.1\r\n", "\x16\x03\x01\x00\xa5"} {
		r := streams.NewReader(strings.NewReader(stream), 0)
		first, err := r.Peek(3)
		switch {
		case err != nil:
			fmt.Println(err)
		case first[0] == 0x16:
			fmt.Println("TLS, with", r.Buffered(), "bytes still to be read")
		default:
			line, err := r.ReadLine()
			fmt.Printf("%q %v\n", line, err)
		}
	}
	// Output:
	// "GET / HTTP/1.1\r\n" <nil>
	// TLS, with 5 bytes still to be read
}
