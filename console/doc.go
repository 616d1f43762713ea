// Package console shows what the loops of a program are doing, while they do it: which
// task waits for what, since when and for whom, who holds a lock, what is slow, what is
// stuck, and why. The command asyncio (ps, tree, top, trace, dump, cancel) and a page in
// the browser read it. Any other program can read it, too, because it is JSON over HTTP.
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
// The console exists as long as the program has a loop. To decide in the program itself,
// call [Start], or mount [Handler] on a server of the program.
//
// # Who may look
//
// A reader of a console sees the names, addresses, errors and stacks of the program. Only
// its owner can open a Unix socket. The console is on the network only if [TCP] asks for
// it, and, beyond loopback, only with a [Token]. A page of a foreign site cannot read it
// through the browser of a user who may. Canceling a task needs [Actions].
// docs/design/console.md has all rules, and the paths and fields of the API.
package console
