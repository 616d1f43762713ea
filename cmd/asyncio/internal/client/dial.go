package client

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio/internal/consoledir"
)

// dialTimeout bounds how long a console may take to accept. It is on this machine, or a
// tunnel leads to it.
const dialTimeout = 5 * time.Second

// dial connects to the console at an address. The error is an *Error, unless ctx is done.
func dial(ctx context.Context, a Address) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	switch {
	case a.tcp != "":
		return dialTCP(ctx, a)
	case a.unix != "":
		return dialUnix(ctx, a, a.unix)
	}
	path, err := socketOf(a)
	if err != nil {
		return nil, err
	}
	return dialUnix(ctx, a, path)
}

func dialTCP(ctx context.Context, a Address) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", a.tcp)
	if err != nil {
		return nil, fail(NoProcess, err, "nobody answers at %s (%v): a program listens there if it was started with ASYNCIO_CONSOLE=%[1]s", a, cause(err))
	}
	return conn, nil
}

// socketOf returns the socket of a process, wherever it is.
func socketOf(a Address) (string, error) {
	alive, foreign := consoledir.Alive(a.pid)
	dirs, err := consoledir.Dirs()
	switch {
	case !alive:
		return "", fail(NoProcess, nil, "there is no process %d; \"asyncio ps\" lists the programs that can be looked at", a.pid)
	case foreign:
		return "", fail(Foreign, nil, "process %d is another user's: run the command as that user, sudo -u USER asyncio ...", a.pid)
	case err != nil:
		return "", fail(NoConsole, err, "%v", err)
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, strconv.Itoa(a.pid)+".sock")
		if _, err := os.Lstat(path); err != nil {
			continue
		}
		if err := consoledir.Check(dir); err != nil {
			return "", fail(reasonOf(err), err, "%v", err)
		}
		return path, nil
	}
	return "", noConsole(a)
}

func dialUnix(ctx context.Context, a Address, path string) (net.Conn, error) {
	if err := checkSocket(a, path); err != nil {
		return nil, err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, refused(a, path, err)
	}
	// consoledir returns an error on a system without sockets in a folder of the user's
	// own; there, the path that the user has given is enough.
	if err := consoledir.CheckPeer(conn); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		conn.Close()
		return nil, fail(reasonOf(err), err, "%s: %v", path, err)
	}
	return conn, nil
}

func checkSocket(a Address, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail(NoProcess, err, "there is no socket %s: a program makes it if it was started with ASYNCIO_CONSOLE=unix:%[1]s", path)
	case errors.Is(err, fs.ErrPermission):
		return fail(Foreign, err, "%s is in a folder that this user may not enter: run the command as the user of the program, sudo -u USER asyncio ...", path)
	case err != nil:
		return fail(reasonOf(err), err, "%v", err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fail(Failed, nil, "%s is a symbolic link, and it could lead to anyone's socket: give the path of the socket itself", path)
	case info.Mode()&fs.ModeSocket == 0:
		return fail(NoConsole, nil, "%s is no socket", path)
	case !consoledir.OwnedByUser(info):
		return fail(Foreign, nil, "%s is the socket of another user: run the command as that user, sudo -u USER asyncio ...", a.describe())
	}
	return nil
}

// refused says what it means that a connection to a socket is refused.
func refused(a Address, path string, err error) error {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED) && a.pid != 0: // the socket is of one that had its number before
		return noConsole(a)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fail(NoProcess, err, "nobody listens at %s: the program that made the socket has ended", path)
	}
	return fail(reasonOf(err), err, "%s does not answer: %v", a.describe(), cause(err))
}

func reasonOf(err error) Reason {
	if errors.Is(err, consoledir.ErrForeign) || errors.Is(err, fs.ErrPermission) {
		return Foreign
	}
	return Failed
}

// cause returns the innermost error, without what package net says about addresses.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
