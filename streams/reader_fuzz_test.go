package streams_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/asyncio-go/asyncio/streams"
)

// FuzzReader lets a Reader and a model read the same text, which comes to the
// Reader in parts of any size, with failures in between.
func FuzzReader(f *testing.F) {
	f.Add([]byte("hello\nworld\n"), []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, []byte{3, 0, 200, 1}, 4)
	f.Add([]byte("aab;abcab;;\nabca"), []byte{1, 2, 17, 33, 34, 66, 3, 1}, []byte{1}, 2)
	f.Add(bytes.Repeat([]byte("0123456789abc\n"), 3000), []byte{0, 131, 0, 4, 5, 1, 0, 6}, []byte{255, 255, 0, 255}, 1000)
	f.Fuzz(func(t *testing.T, text, ops, cuts []byte, limit int) {
		limit = limit%1000 + 1
		if limit <= 0 || len(text) > 1<<16 || len(ops) > 100 {
			return // the model is slow
		}
		src := &choppy{text: text, cuts: cuts}
		c := &comparison{t: t, r: streams.NewReader(src, limit), src: src, text: text, limit: limit}
		for _, op := range ops {
			c.step(op)
		}
		c.readAll()
		c.checkGiven()
	})
}

// A choppy is a source that returns its text in parts and fails now and then,
// with or without some bytes.
type choppy struct {
	text []byte
	cuts []byte // the sizes of the parts, over and over; 0 fails
	at   int    // in text
	next int    // in cuts
	fail int    // failures so far
}

func (c *choppy) Read(p []byte) (int, error) {
	size := len(p)
	if len(c.cuts) > 0 {
		size = int(c.cuts[c.next%len(c.cuts)])
		c.next++
	}
	failing := size%5 == 0 && c.fail < 50
	if !failing {
		size = max(size, 1)
	}
	n := copy(p[:min(size, len(p))], c.text[c.at:])
	c.at += n
	switch {
	case failing:
		c.fail++
		return n, errBroken
	case c.at == len(c.text):
		return n, io.EOF
	default:
		return n, nil
	}
}

// A comparison holds a Reader against what it should return.
type comparison struct {
	t     *testing.T
	r     *streams.Reader
	src   *choppy
	text  []byte
	at    int // what was read, in text
	limit int
	given [][]byte // what the Reader has returned
	wants []string // what that should be
}

var separators = [][]byte{[]byte("\n"), []byte(";"), []byte("ab"), []byte("b;"), []byte("cab"), []byte("a"), []byte("ab;")}

func (c *comparison) step(op byte) {
	arg := int(op >> 3)
	switch op % 8 {
	case 0:
		c.readLine()
	case 1, 2, 3:
		c.readUntil(separators[arg%7], separators[(arg/2+int(op%8))%7])
	case 4:
		c.readUntil(separators[arg%7])
	case 5:
		c.readExactly(arg * arg)
	case 6:
		c.read(arg * arg * arg)
	case 7:
		if arg%2 == 0 {
			c.readByte()
		} else {
			c.peek(arg * 37)
		}
	}
}

// find is ReadUntil's search, done plainly: it returns where the separator is
// that ends first, and where it ends; -1 if there is none.
func find(text []byte, seps [][]byte) (at, end int) {
	for end := range len(text) + 1 {
		at := -1
		for _, sep := range seps {
			if bytes.HasSuffix(text[:end], sep) {
				at = max(at, end-len(sep))
			}
		}
		if at >= 0 {
			return at, end
		}
	}
	return -1, -1
}

func (c *comparison) rest() []byte { return c.text[c.at:] }

// retry calls a read until it does not fail.
func (c *comparison) retry(read func() ([]byte, error)) ([]byte, error) {
	for {
		got, err := read()
		if err != errBroken {
			return got, err
		}
		if got != nil {
			c.t.Fatalf("it returned %q with an error", got)
		}
		if consumed := c.src.at - c.r.Buffered(); consumed != c.at {
			c.t.Fatalf("a failure moved it from %d to %d", c.at, consumed)
		}
	}
}

func (c *comparison) readUntil(seps ...[]byte) {
	got, err := c.retry(func() ([]byte, error) { return c.r.ReadUntil(seps...) })
	at, end := find(c.rest(), seps)
	if at >= 0 && at <= c.limit {
		c.took(got, err, end)
		return
	}
	var over *streams.LimitOverrunError
	if errors.As(err, &over) {
		c.checkOverrun(over, at)
		if over.Consumed > len(c.rest()) {
			c.t.Fatalf("%v after %d of %d bytes", over, over.Consumed, len(c.rest()))
		}
		return
	}
	if at >= 0 {
		c.t.Fatalf("it returned %q, %v; a separator is at %d, beyond %d", got, err, at, c.limit)
	}
	c.ended(got, err, 0)
}

func (c *comparison) checkOverrun(over *streams.LimitOverrunError, at int) {
	switch {
	case over.Consumed <= c.limit, over.Limit != c.limit:
		c.t.Fatalf("consumed is %d of a limit of %d", over.Consumed, over.Limit)
	case at >= 0 && over.Consumed > at:
		c.t.Fatalf("consumed is %d, and a separator is at %d", over.Consumed, at)
	}
}

func (c *comparison) readLine() {
	got, err := c.retry(c.r.ReadLine)
	at, end := find(c.rest(), [][]byte{[]byte("\n")})
	var over *streams.LimitOverrunError
	switch {
	case at >= 0 && at <= c.limit:
		c.took(got, err, end)
	case errors.As(err, &over):
		c.checkOverrun(over, at)
		dropped := c.src.at - c.r.Buffered() - c.at
		if dropped <= c.limit || at >= 0 && dropped > end {
			c.t.Fatalf("it dropped %d bytes; the limit is %d, the line %d", dropped, c.limit, end)
		}
		c.at += dropped
	case at < 0 && len(c.rest()) > 0 && len(c.rest()) <= c.limit:
		c.took(got, err, len(c.rest()))
	case len(c.rest()) == 0 && got == nil && err == io.EOF:
	default:
		c.t.Fatalf("it returned %q, %v; the line ends at %d of %d, the limit is %d", got, err, end, len(c.rest()), c.limit)
	}
}

func (c *comparison) readExactly(n int) {
	got, err := c.retry(func() ([]byte, error) { return c.r.ReadExactly(n) })
	if n <= len(c.rest()) {
		c.took(got, err, n)
	} else {
		c.ended(got, err, n)
	}
}

func (c *comparison) read(n int) {
	p := make([]byte, n)
	for {
		got, err := c.r.Read(p)
		c.took(p[:got], nil, got)
		switch {
		case err == io.EOF && len(c.rest()) > 0:
			c.t.Fatalf("io.EOF before %d bytes", len(c.rest()))
		case err != nil && err != errBroken && err != io.EOF:
			c.t.Fatal(err)
		}
		if n == 0 || got > 0 || err == io.EOF {
			return
		}
	}
}

func (c *comparison) readByte() {
	got, err := c.retry(func() ([]byte, error) {
		b, err := c.r.ReadByte()
		if err != nil {
			return nil, err
		}
		return []byte{b}, nil
	})
	if len(c.rest()) > 0 {
		c.took(got, err, 1)
	} else if err != io.EOF {
		c.t.Fatal(err)
	}
}

// peek looks until it is told no failure, and expects what is next each time.
func (c *comparison) peek(n int) {
	for {
		got, err := c.r.Peek(n)
		if consumed := c.src.at - c.r.Buffered(); consumed != c.at {
			c.t.Fatalf("Peek moved it from %d to %d", c.at, consumed)
		}
		var over *streams.LimitOverrunError
		complete := min(n, len(c.rest()))
		switch {
		case n > c.limit:
			if got != nil || !errors.As(err, &over) || over.Limit != c.limit {
				c.t.Fatalf("Peek beyond the limit returned %q, %v", got, err)
			}
			return
		case !bytes.HasPrefix(c.rest(), got), len(got) > n, err == nil && len(got) < n:
			c.t.Fatalf("Peek of %d returned %q, %v; want %q", n, got, err, c.rest()[:complete])
		case err == errBroken:
			continue
		case err == io.EOF && len(got) == len(c.rest()) && len(got) < n, err == nil:
			return
		default:
			c.t.Fatalf("Peek of %d returned %q, %v; %d bytes are left", n, got, err, len(c.rest()))
		}
	}
}

func (c *comparison) readAll() {
	got, err := c.retry(c.r.ReadAll)
	c.took(got, err, len(c.rest()))
	if !c.r.AtEOF() {
		c.t.Fatal("it is not at the end")
	}
}

// took expects that the Reader has returned the next n bytes.
func (c *comparison) took(got []byte, err error, n int) {
	want := c.rest()[:n]
	if err != nil || !bytes.Equal(got, want) {
		c.t.Fatalf("at %d it returned %q, %v; want %q", c.at, got, err, want)
	}
	c.given, c.wants = append(c.given, got), append(c.wants, string(want))
	c.at += n
}

// ended expects the error of a stream that has ended before.
func (c *comparison) ended(got []byte, err error, expected int) {
	var e *streams.IncompleteReadError
	switch {
	case errors.As(err, &e) && e.Expected == expected && errors.Is(err, io.EOF) == (len(c.rest()) == 0):
		c.took(e.Partial, nil, len(c.rest()))
	default:
		c.t.Fatalf("it returned %q, %v, with %d bytes left", got, err, len(c.rest()))
	}
}

// checkGiven expects that nothing has changed of what the Reader returned.
func (c *comparison) checkGiven() {
	for i, got := range c.given {
		if string(got) != c.wants[i] {
			c.t.Fatalf("result %d was %q and has become %q", i, c.wants[i], got)
		}
	}
}
