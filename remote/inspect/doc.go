// Package inspect tells what package remote has on a server: which jobs are queued, which
// run, who works, and what has failed; and it runs failed jobs again, or forgets them. It
// is what the command asyncio jobs shows.
//
// Its functions block, and need no event loop; in a task, call them in asyncio.ToThread.
// Any goroutine may call them. Each takes the connection, and the prefix of the streams
// (see remote.Prefix; it is "asyncio" unless a program says otherwise). When ctx is done
// they return its error. Only Retry and Purge change anything.
package inspect
