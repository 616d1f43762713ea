// Package asynciohttp runs the handlers of a net/http server on a loop of package
// asyncio, so that they share state without locks, and shuts the server down gracefully.
//
//	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
//		visits := 0 // of the loop: no lock
//		handler := asynciohttp.Handler(ctx, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
//			visits++
//			fmt.Fprintln(w, "visits:", visits)
//			return nil
//		})
//		return asynciohttp.ListenAndServe(ctx, &http.Server{Addr: ":8080", Handler: handler})
//	})
//
// # What runs where
//
// The server, its connections, TLS and HTTP/2 are those of package net/http, on its
// goroutines. For each request [Handler] starts a task on the loop, and the goroutine of
// the request waits for it. What the task writes is kept in memory, and that goroutine
// sends it when the task has ended. So for a short answer the loop only runs the handler,
// and a slow client does not delay anyone else.
//
// A handler may use its ResponseWriter and Request as any handler does. A method that
// would block suspends the task, and the loop goes on:
//
//   - Write keeps up to [BufferSize] bytes. A Write that does not fit sends what is kept,
//     and suspends the task until the client has taken it.
//   - Flush, through [http.ResponseController] too, sends what is kept and suspends
//     until then; so server-sent events work.
//   - Reading the body suspends.
//   - Hijack suspends, and returns a connection of package streams, whose Read and Write
//     suspend: so websocket libraries that read and write on the goroutine of their
//     caller work in tasks.
//   - Header, WriteHeader, and the deadlines of http.ResponseController do not suspend.
//
// These methods have no context. As with a connection of package streams, a cancellation
// or timeout of the innermost WithTimeout or WithTaskGroup around the call ends it. Bytes
// that a Write reports as not written can be written again; if the handler returns
// instead, its connection is closed. As with net/http, they may be used until the handler
// returns, and not afterwards. Several tasks may write at once (the bytes of two Writes
// are not mixed), and another task may read meanwhile.
//
// Calls that read or write files, such as http.ServeFile or ParseMultipartForm with large
// parts, block the loop. Give such handlers to the mux as they are, without [Handler].
//
// In Python: aiohttp, whose handlers and graceful shutdown are similar.
package asynciohttp
