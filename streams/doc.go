// Package streams is TCP, Unix sockets, UDP and TLS on a loop of package asyncio: its
// connections are used like those of package net, but their Read and Write suspend the
// calling task and do not block the loop.
//
//	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
//		l, err := streams.Listen(ctx, "tcp", "localhost:7777")
//		if err != nil {
//			return err
//		}
//		return streams.Serve(ctx, l, func(ctx context.Context, conn net.Conn) error {
//			_, err := io.Copy(conn, conn) // other connections go on meanwhile
//			return err
//		})
//	})
//
// A [Conn] is a net.Conn, a [Listener] a net.Listener, a [PacketConn] a
// net.PacketConn and a net.Conn, so code for these interfaces works on them: bufio,
// io.Copy, crypto/tls, net/textproto, encoding/json, http.ReadRequest. Their methods take
// no context. A call waits on the scope that the calling task has opened last, so it ends
// with a timeout around it:
//
//	err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
//		_, err := conn.Read(buf)
//		return err
//	})
//
// [Conn.WithContext] binds another context. After a cancellation and after a deadline, a
// connection can still be read; nothing that has come is lost.
//
// # Back-pressure
//
// Write suspends the task until the system has taken everything. So a peer that does not
// read slows down the task that writes to it, and costs no memory. [Writer] works as in
// Python's asyncio: its Write never waits, and its Drain does. [Reader] reads lines,
// messages and blocks within a limit.
//
// When a handler has ended, [Serve] writes what a Writer still keeps before it closes the
// connection. Elsewhere, close the Writer and call WaitClosed: if the connection is
// closed before everything is written, the error of Close is an [UnwrittenError].
//
// # Peers that are always ahead
//
// An operation that need not wait does not suspend the task, with one exception: when a
// task has done 64 operations in one turn, or has moved 128 KiB, or has worked for a
// millisecond, its next operation lets the other tasks run first. So a peer that sends as
// fast as it is read cannot keep the loop from its timers and from other connections. In
// a [Reader] of a connection, operations that use only what it has read ahead count as
// well.
//
// # Callbacks in place of tasks
//
// The loop calls the methods of a [Protocol] when something happens on its connection.
// [ServeProtocol] and [ConnectProtocol] put a Protocol on new connections,
// [StartProtocol] on any net.Conn. The connection then has no task, no stack, and no
// buffer while it waits. This is how code for the low-level API of Python's asyncio is
// ported.
//
// # In a test
//
// In asynciotest.Run and Explore, the network is in memory: connections of Dial, Listen,
// ListenPacket and DialPacket stay inside the test. The networks are "tcp", "udp" and
// "unix"; the errors are those of Linux on every system, and time is the clock of the
// test. The name of a Unix socket is not a file there. Sockets of package net are
// refused, and so is everything that needs one: Control, control data of UDP, other
// networks. DialShared dials in tasks only, and ServeGroup serves one loop.
// asynciotest.RealNetwork gives a test the network of the system.
//
// # Options
//
// As in package asyncio, zero means the default in every option, and a negative number
// means no limit: GracePeriod(-1) waits for handlers without end.
//
// # Other goroutines
//
// Connections may be used from goroutines that are not the loop's, those of an
// http.Transport for example. The loop makes the call, and the goroutine blocks until it
// is done. [DialContext] has the type of the functions with which such libraries dial.
//
// This stops the loop for ever if a task blocks until such a goroutine has done
// something, for example on the channel of a connection pool: the goroutine waits for the
// loop, and the loop for the goroutine. [DialShared] is for such libraries: its
// connections need the loop only where tasks use them.
//
// # Systems
//
// On Linux the loop waits for descriptors with epoll, on macOS and the BSDs with
// kqueue. Elsewhere, goroutines read and write connections of package net for the tasks.
// All of this package works there as well, but each call costs a switch of goroutines. On
// js/wasm, the network of package net exists within the process only, without socket
// options and descriptors.
//
// # For readers who know Python
//
//	asyncio                              here
//	open_connection(host, port)          Dial(ctx, "tcp", address)
//	open_unix_connection(path)           Dial(ctx, "unix", path)
//	open_connection(ssl=context)         DialTLS(ctx, "tcp", address, config)
//	happy_eyeballs_delay=0.25            FallbackDelay(250 * time.Millisecond)
//	open_connection(sock=sock)           Adopt(ctx, conn)
//	a client library's pool              DialShared(ctx), a Semaphore of the pool's size
//	local_addr=(host, port)              LocalAddr(addr)
//	ssl_handshake_timeout=60             HandshakeTimeout(time.Minute)
//	ssl_shutdown_timeout=30              CloseTLS(ctx, conn, 30*time.Second)
//	start_server(cb, host, port)         Listen(ctx, "tcp", address); Serve(ctx, l, handler)
//	start_server(cb, [a, b], port)       ListenAll(ctx, "tcp", addresses); Serve
//	start_unix_server(cb, path)          Listen(ctx, "unix", path); Serve
//	start_server(ssl=context)            Serve(ctx, tls.NewListener(l, config), handler)
//	reuse_port=True                      ReusePort()
//	backlog=100                          Backlog(100)
//	a process for each core              ServeGroup(ctx, group, l, handler)
//	server.serve_forever()               Serve
//	server.close(), wait_closed()        cancel ctx, or l.Close(); Serve returns when all has ended
//	server.close_clients()               GracePeriod(time.Nanosecond)
//	StreamReader                         Reader; or the Conn itself, bufio.Reader
//	reader.read(n)                       Conn.Read, Reader.Read
//	reader.readline(), readuntil(sep)    Reader.ReadLine, Reader.ReadUntil
//	reader.readexactly(n)                Reader.ReadExactly, io.ReadFull
//	(none: look ahead)                   Reader.Peek
//	StreamWriter                         Writer; or the Conn itself
//	writer.write(b); await drain()       Conn.Write; Writer.Write, Writer.Drain
//	writer.writelines(bs)                Conn.WriteBuffers
//	writer.write_eof()                   Conn.CloseWrite
//	writer.close(), wait_closed()        Conn.Close, Conn.CloseGracefully; Writer.Close, Writer.WaitClosed
//	writer.start_tls(context)            StartTLS(ctx, conn, config, Client)
//	transport.abort()                    SetLinger(0); Close
//	get_extra_info("peername")           Conn.RemoteAddr, LocalAddr
//	get_extra_info("socket")             Conn.SyscallConn
//	loop.connect_read_pipe(..., f)       OpenPipe(ctx, f)
//	asyncio.Protocol, Transport          Protocol, BaseProtocol, Transport
//	asyncio.BufferedProtocol             BufferedProtocol
//	loop.create_server(factory)          ServeProtocol(ctx, l, factory)
//	loop.create_connection(factory)      ConnectProtocol(ctx, "tcp", address, protocol)
//	create_datagram_endpoint(local)      ListenPacket(ctx, "udp", address)
//	create_datagram_endpoint(remote)     DialPacket(ctx, "udp", address)
//	loop.sock_sendfile, loop.sendfile    io.Copy(conn, file)
//	loop.getaddrinfo                     Dial does it; net.Resolver in ToThread
package streams
