package streams

import (
	"io"
	"net"
	"sync/atomic"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// A sharedConn is a connection of DialShared for a stream.
type sharedConn struct {
	sharedCore[*Conn]
	writing gate
	threads atomic.Pointer[sharedThreads] // for loops that cannot wait for descriptors; nil: none has come yet
}

func newSharedConn(home conn.Owner, c net.Conn) *sharedConn {
	s := new(sharedConn)
	s.net, s.home, s.open = c, home, s.openEnd
	return s
}

// openEnd opens the end of a loop. It is not reported if it is left open: the connection
// of package net is the one to close.
func (s *sharedConn) openEnd(owner *conn.Owner) (*Conn, conn.Endpoint, error) {
	end, err := duplicateStream(owner, s.net)
	if err != nil {
		return nil, nil, s.opError("use", conn.WithoutOpError(err))
	}
	if end == nil {
		end = s.threadedEnd(owner.Core())
	}
	h := &connHandle{
		netHandle: newNetHandle(owner, end, s.net.LocalAddr().Network(), s.net.LocalAddr(), s.net.RemoteAddr()),
		shared:    true,
	}
	return &Conn{h: h}, end, nil
}

// Read reads what has come. While there is nothing, it suspends a task, and blocks any
// other goroutine.
func (s *sharedConn) Read(p []byte) (int, error) {
	e, err := s.here()
	switch {
	case err != nil:
		return 0, err
	case e == nil:
		return s.readHere(p)
	}
	e.enter()
	defer e.leave()
	return e.end.Read(p)
}

// readHere reads on a goroutine that may block.
func (s *sharedConn) readHere(p []byte) (int, error) {
	if t := s.threadsInUse(); t != nil {
		return t.read(p)
	}
	return s.net.Read(p)
}

// Write writes all of p, after the Writes that began before it. While the other side is
// slow, it suspends a task, and blocks any other goroutine.
func (s *sharedConn) Write(p []byte) (n int, err error) {
	e, err := s.here()
	if err != nil {
		return 0, err
	}
	err = s.inTurn(e, func() error {
		if e != nil {
			n, err = e.end.Write(p)
		} else {
			n, err = s.net.Write(p)
		}
		return err
	})
	return n, err
}

// inTurn calls write when it is the turn of the caller, which is in a task if e is not
// nil.
func (s *sharedConn) inTurn(e *loopEnd[*Conn], write func() error) error {
	if e == nil {
		if err := s.enterHere(&s.writing); err != nil {
			return err
		}
		defer s.writing.leave()
		return write()
	}
	e.enter()
	defer e.leave()
	if err := s.writing.enterInTask(&e.owner); err != nil {
		return e.end.h.opError("write", err)
	}
	defer s.leaveWhenWritten(e)
	return write()
}

// leaveWhenWritten leaves the gate. If a goroutine still writes for a task that was
// canceled, that goroutine leaves the gate when it is done.
func (s *sharedConn) leaveWhenWritten(e *loopEnd[*Conn]) {
	if t, ok := e.end.h.End.(*threadedEnd); ok && t.leaveLater(s.writing.leave) {
		return
	}
	s.writing.leave()
}

// ReadFrom writes what it reads from r until its end; io.Copy calls it. The system sends
// a regular file without copying it through this process, where it can.
func (s *sharedConn) ReadFrom(r io.Reader) (n int64, err error) {
	if _, _, ok := regularFile(r); !ok {
		return io.Copy(onlyWriter{s}, r) // each Write has its turn
	}
	e, err := s.here()
	if err != nil {
		return 0, err
	}
	err = s.inTurn(e, func() error {
		n, err = io.Copy(s.writerOf(e), r)
		return err
	})
	return n, err
}

// writerOf returns the writer whose ReadFrom is used: the end of the loop in a task, and
// otherwise the connection of package net.
func (s *sharedConn) writerOf(e *loopEnd[*Conn]) io.Writer {
	if e != nil {
		return e.end
	}
	return s.net
}

// CloseRead shuts down the reading side, for all.
func (s *sharedConn) CloseRead() error {
	half, ok := s.net.(interface{ CloseRead() error })
	if !ok {
		return s.opError("close", errUnsupported)
	}
	return half.CloseRead()
}

// CloseWrite shuts down the writing side, for all.
func (s *sharedConn) CloseWrite() error {
	half, ok := s.net.(closeWriter)
	if !ok {
		return s.opError("close", errUnsupported)
	}
	return half.CloseWrite()
}

// setOption sets an option of TCP.
func (s *sharedConn) setOption(set func(conn.TCPOptions) error) error {
	o, ok := s.net.(conn.TCPOptions)
	if !ok {
		return s.opError("set", errNoOptions)
	}
	return set(o)
}

// SetNoDelay works as in a net.TCPConn, and so do the other options.
func (s *sharedConn) SetNoDelay(on bool) error {
	return s.setOption(func(o conn.TCPOptions) error { return o.SetNoDelay(on) })
}

func (s *sharedConn) SetKeepAlive(on bool) error {
	return s.setOption(func(o conn.TCPOptions) error { return o.SetKeepAlive(on) })
}

func (s *sharedConn) SetKeepAliveConfig(config net.KeepAliveConfig) error {
	return s.setOption(func(o conn.TCPOptions) error { return o.SetKeepAliveConfig(config) })
}

func (s *sharedConn) SetLinger(seconds int) error {
	s.linger.Store(seconds >= 0)
	return s.setOption(func(o conn.TCPOptions) error { return o.SetLinger(seconds) })
}

// SyscallConn returns the raw connection. Its Control does not wait, wherever it is
// called. Its Read and Write call the function at once; while the function returns false,
// they suspend a task, and block any other goroutine.
func (s *sharedConn) SyscallConn() (syscall.RawConn, error) {
	raw, err := rawOf(s.net)
	if err != nil {
		return nil, s.opError("use", err)
	}
	return sharedRawConn{raw, s}, nil
}

// A sharedRawConn is the raw connection for all.
type sharedRawConn struct {
	syscall.RawConn // of package net
	conn            *sharedConn
}

func (r sharedRawConn) Read(f func(fd uintptr) bool) error {
	e, err := r.conn.here()
	switch {
	case err != nil:
		return err
	case e == nil:
		return r.RawConn.Read(f)
	}
	e.enter()
	defer e.leave()
	own, err := e.end.SyscallConn()
	if err != nil {
		return err
	}
	return own.Read(f)
}

func (r sharedRawConn) Write(f func(fd uintptr) bool) error {
	e, err := r.conn.here()
	if err != nil {
		return err
	}
	return r.conn.inTurn(e, func() error {
		if e == nil {
			return r.RawConn.Write(f)
		}
		own, err := e.end.SyscallConn()
		if err != nil {
			return err
		}
		return own.Write(f)
	})
}
