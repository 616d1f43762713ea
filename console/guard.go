package console

import "github.com/asyncio-go/asyncio/internal/serve"

// newGuard returns who decides whether a request may be answered.
func newGuard(c *settings) *serve.Guard {
	g := serve.NewGuard(serve.Words{
		Self:    "this console",
		Names:   "ask for localhost, 127.0.0.1 or the address that it was started with, or start it with that one: console.TCP(address)",
		Site:    "a page of another site may not read a console: open the console's own page",
		Network: "this console answers only on its own machine: give it the option console.Token, or come through ssh -L",
		Missing: "this console wants its token: send the header Authorization: Bearer TOKEN, or open the page with #TOKEN at the end of its address",
		Wrong:   "that is not the token of this console: send the one that it was started with, console.Token",
	}, c.addresses...)
	if c.hasToken {
		g.AskFor(c.token)
	}
	return g
}
