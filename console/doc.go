// Package console shows what the loops of a program are doing, while they do it: which
// task waits for what, since when and for whom, who holds a lock, what is slow, what is
// stuck, and why. The command asyncio (ps, tree, top, trace, dump, cancel) and the page
// that a browser shows read it; so can any program, for it is JSON over HTTP.
//
// # Switching it on
//
// A blank import is enough,
//
//	import _ "github.com/asyncio-go/asyncio/console"
//
// and costs nothing until the program is started with ASYNCIO_CONSOLE in its
// environment:
//
//	ASYNCIO_CONSOLE=1                    a Unix socket, where the command finds it
//	ASYNCIO_CONSOLE=unix:PATH            a Unix socket at a place of your own
//	ASYNCIO_CONSOLE=tcp:127.0.0.1:7070   a port, for a browser as well
//
// The console is there as long as the program has a loop. A program that wants to decide
// itself calls [Start], or mounts [Handler] on a server that it has.
//
// # Who may look
//
// Whoever can read a console can read the program: names, addresses, errors, stacks. A
// Unix socket can be opened by its owner alone. Nothing is on the network unless [TCP]
// asks for it, and, beyond loopback, only with a [Token]. A page of a foreign site can
// not read it through the browser of someone who may. To cancel a task needs [Actions].
// docs/design/console.md has all rules, and the paths and fields of the API.
package console
