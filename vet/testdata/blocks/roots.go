package blocks

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// network has types of package net, which block, and one interface that need not.
func network(ctx context.Context, tcp *net.TCPConn, udp *net.UDPConn, unix *net.UnixConn, l *net.TCPListener, any net.Conn, buffer []byte) error {
	if err := asyncio.Yield(ctx); err != nil {
		return err
	}
	if _, err := tcp.Read(buffer); err != nil { // want `^net.TCPConn.Read blocks the event loop in network: use streams.Dial or streams.Adopt \(asyncio-blocks\)$`
		return err
	}
	if _, err := unix.Write(buffer); err != nil { // want `net.UnixConn.Write blocks`
		return err
	}
	if _, _, err := udp.ReadFrom(buffer); err != nil { // want `net.UDPConn.ReadFrom blocks .*: use streams.ListenPacket`
		return err
	}
	if _, err := l.Accept(); err != nil { // want `net.TCPListener.Accept blocks .*: use streams.Listen`
		return err
	}
	if _, err := net.LookupHost("example.com"); err != nil { // want `net.LookupHost blocks`
		return err
	}
	if _, err := net.ResolveTCPAddr("tcp", "example.com:80"); err != nil { // want `net.ResolveTCPAddr blocks`
		return err
	}
	if _, err := net.ResolveTCPAddr("tcp", "127.0.0.1:80"); err != nil {
		return err
	}
	if _, err := net.ResolveUDPAddr("udp", any.LocalAddr().String()); err != nil {
		return err
	}
	if _, err := any.Read(buffer); err != nil {
		return err
	}
	if tcp, ok := any.(*net.TCPConn); ok {
		return copyAll(tcp, buffer)
	}
	return tcp.Close()
}

// copyAll takes a short cut for one type, which tells nothing about those who call it.
func copyAll(w io.Writer, data []byte) error {
	if c, ok := w.(*net.TCPConn); ok {
		_, err := c.Write(data)
		return err
	}
	_, err := w.Write(data)
	return err
}

// overStreams has a client whose connections are of the loop. It blocks all the same: its
// calls wait on channels for goroutines of the transport.
func overStreams(ctx context.Context, request *http.Request) error {
	client := &http.Client{Transport: &http.Transport{DialContext: streams.DialShared(ctx)}}
	response, err := client.Do(request) // want `^http.Client.Do blocks the event loop in overStreams: use ToThread`
	if err != nil {
		return err
	}
	if err := asyncio.Yield(ctx); err != nil {
		return err
	}
	return response.Body.Close()
}

// serving serves in a task, with a listener of the loop: that works.
func serving(ctx context.Context, server *http.Server) error {
	if err := asyncio.Yield(ctx); err != nil {
		return err
	}
	l, err := streams.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	asyncio.Go(ctx, func(ctx context.Context) error { return server.Serve(l) })
	asyncio.Go(ctx, func(ctx context.Context) error { return server.ListenAndServe() }) // want `http.Server.ListenAndServe blocks .*: use asynciohttp.Serve`
	return server.Shutdown(ctx)                                                         // want `http.Server.Shutdown blocks .*: use ToThread`
}

var input = bufio.NewReader(os.Stdin)

func terminal(ctx context.Context, r *bufio.Reader) error {
	var name string
	fmt.Scanln(&name) // want `fmt.Scanln blocks the event loop in terminal: use streams.OpenPipe or ToThread`
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() { // want `bufio.Scanner.Scan blocks`
		name = lines.Text()
	}
	if _, err := input.ReadString('\n'); err != nil { // want `bufio.Reader.ReadString blocks`
		return err
	}
	if _, err := io.ReadAll(os.Stdin); err != nil { // want `io.ReadAll blocks`
		return err
	}
	if _, err := r.ReadString('\n'); err != nil { // of a connection, perhaps
		return err
	}
	return asyncio.Yield(ctx)
}

func programs(ctx context.Context, cmd *exec.Cmd) error {
	if _, err := exec.Command("ls").Output(); err != nil { // want `exec.Cmd.Output blocks the event loop in programs: use package subprocess`
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil { // want `exec.Cmd.Wait blocks`
		return err
	}
	return asyncio.Yield(ctx)
}

func waits(ctx context.Context, wg *sync.WaitGroup, c *sync.Cond) error {
	wg.Wait() // want `sync.WaitGroup.Wait blocks .*: use a TaskGroup`
	c.Wait()  // want `sync.Cond.Wait blocks`
	return asyncio.Yield(ctx)
}

// users uses a database: with a driver that dials through package streams, a task could; here
// nothing does.
func users(ctx context.Context, db *sql.DB) (n int, err error) {
	if err := asyncio.Yield(ctx); err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "select count(*) from users").Scan(&n)
	return n, err
}

func values(ctx context.Context, c *client) error {
	get := c.fetch
	if err := get("a"); err != nil { // want `client.fetch blocks the event loop in values: client.fetch → http.Client.Get`
		return err
	}
	nap := time.Sleep
	nap(1) // want `time.Sleep blocks`
	work := rest
	asyncio.Go(ctx, work)
	return asyncio.Yield(ctx)
}

func rest(ctx context.Context) error {
	time.Sleep(1) // want `time.Sleep blocks the event loop in rest`
	return nil
}

// wrapped embeds a type with a method that blocks.
type wrapped struct {
	*client
	do     func()
	waiter waiter
}

type waiter interface{ wait() }

func generic[T any](v T) T {
	time.Sleep(1)
	return v
}

func through(ctx context.Context, w wrapped) error {
	if err := w.fetch("a"); err != nil { // want `client.fetch blocks`
		return err
	}
	generic(1)                      // want `generic blocks the event loop in through: generic → time.Sleep`
	w.do = func() { time.Sleep(1) } // it may be called anywhere
	w.do()
	w.waiter.wait() // it may be of any type
	return asyncio.Yield(ctx)
}

// echo is a protocol: the loop calls its methods.
type echo struct{ streams.BaseProtocol }

func (*echo) DataReceived([]byte) {
	time.Sleep(1) // want `time.Sleep blocks the event loop in echo.DataReceived`
}

func (*echo) rest() { time.Sleep(1) }

// again wraps a reader that it is given.
func again(ctx context.Context, r *bufio.Reader) (string, error) {
	r = bufio.NewReader(r)
	if err := asyncio.Yield(ctx); err != nil {
		return "", err
	}
	return r.ReadString('\n')
}
