// Package streams is TCP, Unix sockets, UDP and TLS on a loop of package
// asyncio: connections of package net whose Read and Write suspend the calling
// task, and not the loop.
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
// net.PacketConn and a net.Conn, so what was written for those works on them: bufio, io.Copy,
// crypto/tls, net/textproto, encoding/json, http.ReadRequest. They have no
// context among their arguments. A call of theirs waits on the scope that the
// calling task has opened last, so a timeout around it is one of its own:
//
//	err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
//		_, err := conn.Read(buf)
//		return err
//	})
//
// [Conn.WithContext] binds another context. After a cancellation and after a
// deadline, a connection can be read on; nothing that has come is lost.
//
// # Back-pressure
//
// Write returns when the system has taken everything, and until then suspends
// the task. So a peer that does not read slows down who writes to it, and costs
// no memory. [Writer] is asyncio's way: its Write never waits, and Drain does.
// [Reader] reads lines, messages and blocks within a limit.
//
// What a Writer keeps is written before [Serve] closes the connection of a handler
// that has ended. Elsewhere, close the Writer and wait for that with WaitClosed: if
// its connection is closed before, the error of Close is an [UnwrittenError].
//
// # Peers that are always ahead
//
// What need not wait does not suspend, up to a point: when a task has done 64
// operations in one turn, or has moved 128 KiB, or has worked for a millisecond, the
// next operation lets the others have their turn first. So a peer that sends as fast
// as it is read cannot keep the loop from its timers and from other connections. A
// [Reader] of a connection counts what it has read ahead as well.
//
// # Callbacks in place of tasks
//
// A [Protocol] is told in callbacks what comes; [ServeProtocol] and
// [ConnectProtocol] put one on a connection, [StartProtocol] on any net.Conn.
// There is no task for the connection then, no stack, and no buffer while it
// waits. Code for asyncio's low-level API is ported so.
//
// # Options
//
// As in package asyncio, zero is the default in every option, and a negative number
// is no limit: GracePeriod(-1) waits for handlers without end.
//
// # Other goroutines
//
// Connections may be used from goroutines that are not the loop's, those of an
// http.Transport for example. What they ask for is done on the loop, while they
// block. [DialContext] has the type of the functions with which such libraries
// dial.
//
// # Systems
//
// On Linux the loop waits for descriptors with epoll, on macOS and the BSDs with
// kqueue. Elsewhere, connections are those of package net, which goroutines read
// and write for the tasks; all of this package works there as well, at the price
// of a switch of goroutines. On js/wasm the network of package net is one within
// the process, without socket options and descriptors.
//
// # For readers who know Python
//
//	asyncio                              here
//	open_connection(host, port)          Dial(ctx, "tcp", address)
//	open_unix_connection(path)           Dial(ctx, "unix", path)
//	open_connection(ssl=context)         DialTLS(ctx, "tcp", address, config)
//	happy_eyeballs_delay=0.25            FallbackDelay(250 * time.Millisecond)
//	open_connection(sock=sock)           Adopt(ctx, conn)
//	local_addr=(host, port)              LocalAddr(addr)
//	ssl_handshake_timeout=60             HandshakeTimeout(time.Minute)
//	ssl_shutdown_timeout=30              CloseTLS(ctx, conn, 30*time.Second)
//	start_server(cb, host, port)         Listen(ctx, "tcp", address); Serve(ctx, l, handler)
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
