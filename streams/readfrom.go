package streams

import (
	"context"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// ReadFrom writes what it reads from r until its end; io.Copy(conn, r) calls it.
// On Linux, the system sends a regular file, or an io.LimitedReader of one,
// without copying it through this process (sendfile). If the file is not in the page
// cache, the system reads it from the disk, which blocks the loop, as os.File.Read would.
// In Python: loop.sendfile.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) {
	if !c.ok() {
		return 0, os.ErrInvalid
	}
	if file, limit, ok := regularFile(r); ok {
		if n, done, err := c.sendFile(file, limit); done {
			if l, ok := r.(*io.LimitedReader); ok {
				l.N -= n
			}
			return n, c.h.opError("sendfile", err)
		}
	}
	return io.Copy(onlyWriter{c}, r)
}

// onlyWriter hides ReadFrom.
type onlyWriter struct{ io.Writer }

// A file is an *os.File, or what its WriteTo passes on.
type file interface {
	Stat() (fs.FileInfo, error)
	SyscallConn() (syscall.RawConn, error)
}

const noLimit = 1<<63 - 1

// regularFile returns the file that r reads, and how much of it.
func regularFile(r io.Reader) (f file, limit int64, ok bool) {
	limit = noLimit
	if l, limited := r.(*io.LimitedReader); limited {
		r, limit = l.R, l.N
	}
	if f, ok = r.(file); !ok {
		return nil, 0, false
	}
	info, err := f.Stat()
	return f, limit, err == nil && info.Mode().IsRegular()
}

// sendFile has the system send a file. It reports false if that cannot be done,
// and has not sent anything then.
func (c *Conn) sendFile(f file, limit int64) (n int64, done bool, err error) {
	end, ok := c.h.End.(pollable)
	if !ok {
		return 0, false, nil
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, false, nil
	}
	_, err = conn.Call(c.h.Owner, c.bound, func(ctx context.Context) (_ int, err error) {
		n, done, err = end.SendFile(ctx, raw, limit)
		return 0, err
	})
	return n, done || err != nil, err
}
