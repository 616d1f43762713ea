package streams

import (
	"net"
	"testing"
	"testing/synctest"
)

// A fedConn reads what it is fed with, and counts the reads that wait.
type fedConn struct {
	net.Conn
	food    chan string
	waiting chan struct{} // as many as wait
}

func (c *fedConn) Read(p []byte) (int, error) {
	c.waiting <- struct{}{}
	food := <-c.food
	<-c.waiting
	return copy(p, food), nil
}

// A task may be canceled before the goroutine that reads for it has begun. Whoever reads
// meanwhile must get the bytes in their order.
func TestSharedThreadsReadOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fedConn{food: make(chan string), waiting: make(chan struct{}, 10)}
		threads := &sharedThreads{conn: c}
		got := make(chan string, 10)
		read := func() {
			p := make([]byte, 1)
			n, err := threads.read(p)
			if err != nil {
				t.Error(err)
			}
			got <- string(p[:n])
		}
		fill := func() { threads.fill(1) }
		expectOne := func(when string) {
			synctest.Wait()
			if n := len(c.waiting); n != 1 {
				t.Errorf("%s, %d read from the connection, want 1", when, n)
			}
		}
		expect := func(want string) {
			if s := <-got; s != want {
				t.Errorf("it read %q, want %q", s, want)
			}
		}
		go read()
		expectOne("while another goroutine reads")
		go fill() // late
		expectOne("when the one for a task begins")
		c.food <- "a"
		expect("a")
		synctest.Wait()
		if len(c.waiting) > 0 {
			t.Error("the one for a task reads, but has waited for another")
		}

		go fill()
		expectOne("while one for a task reads")
		go read()
		go read()
		expectOne("when two others begin")
		c.food <- "b"
		expect("b")
		expectOne("when one of them has got what it read")
		c.food <- "c"
		expect("c")
	})
}
