package console

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"github.com/asyncio-go/asyncio/internal/option"
)

// An Option is an option of [Start], [Handler] and [NewMonitor]. The functions of this
// package that return one make it.
type Option interface{ set(*settings) }

type optionFunc func(*settings)

func (f optionFunc) set(c *settings) { f(c) }

// Settings are what options have set.
type settings struct {
	sockets   []string // paths; empty: the default one
	addresses []string
	token     string
	hasToken  bool
	actions   bool
	history   int64
	onListen  []func(net.Addr)
	loggers   []*slog.Logger
}

func newSettings(opts []Option) *settings {
	c := &settings{history: defaultHistory}
	option.Apply(c, opts, Option.set)
	return c
}

// Socket adds a Unix socket at path. Its file has mode 0600: only its owner can open it.
// Its folder has to exist, and no other user may be able to replace the file in it. An
// empty path means the socket that the command finds by itself; Start also uses this
// socket if it is given neither Socket nor TCP. Consoles of one process with the same
// path share the socket, and the one that was started last answers. It is an option of
// Start.
func Socket(path string) Option {
	return optionFunc(func(c *settings) { c.sockets = append(c.sockets, path) })
}

// TCP adds a port: 127.0.0.1:7070, or localhost:0 for a free one. An address beyond
// loopback needs a [Token] as well. The connection is not encrypted. The Host header of a
// request has to be the host given here, localhost, or the address at which the request
// has arrived.
//
// [Handler] does not listen; there, TCP says under which other host it is reached:
// TCP("console.example.com:443").
func TCP(address string) Option {
	return optionFunc(func(c *settings) { c.addresses = append(c.addresses, address) })
}

// Token makes the console ask for a secret of at least 16 bytes, in the header
// "Authorization: Bearer ..." or the cookie asyncio_token_PORT. For a browser, put the
// secret into the fragment of the page's address, http://127.0.0.1:7070/#...: a browser
// sends the fragment to no server, and the page stores it in the cookie.
func Token(secret string) Option {
	return optionFunc(func(c *settings) { c.token, c.hasToken = secret, true })
}

// Actions lets clients cancel tasks. Without it they can only look.
func Actions() Option { return optionFunc(func(c *settings) { c.actions = true }) }

// History sets how many bytes of events are kept of each loop, for the timeline; the
// oldest are dropped, and counted. Zero means the default, 8 MiB, which is some 350,000
// events. All consoles of a process share one history, so the option of the first console
// counts.
func History(bytes int64) Option {
	return optionFunc(func(c *settings) { c.history = cmp.Or(bytes, defaultHistory) })
}

// OnListen lets Start call fn with each address at which it listens, before it returns: a
// *net.UnixAddr, or a *net.TCPAddr with the port that was chosen. It is an option of
// Start.
func OnListen(fn func(net.Addr)) Option {
	if fn == nil {
		panic("console: OnListen with a nil function: pass one, or leave the option out")
	}
	return optionFunc(func(c *settings) { c.onListen = append(c.onListen, fn) })
}

const minToken = 16

// check returns an error if the options make no sense, whatever takes them.
func (c *settings) check() error {
	switch {
	case c.hasToken && len(c.token) < minToken:
		return fmt.Errorf("console: the token has %d bytes and needs at least %d: take a random one, such as that of openssl rand -hex 16", len(c.token), minToken)
	case c.history < leastHistory:
		return fmt.Errorf("console: a history of %d bytes is too short: give it at least %d", c.history, leastHistory)
	}
	for _, address := range c.addresses {
		if err := checkAddress(address); err != nil {
			return err
		}
	}
	return nil
}

func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return fmt.Errorf("console: %q is no address: write HOST:PORT, such as 127.0.0.1:7070 or [::1]:7070", address)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Errorf("console: %q has no valid port: write a number from 0 to 65535 after the host", address)
	}
	if name, err := netip.ParseAddr(host); err == nil && name.Zone() != "" {
		return fmt.Errorf("console: %q has a zone, which no browser can name: take the address of another interface", address)
	}
	return nil
}

var errOpenNetwork = errors.New("others can reach it over the network, and it has no secret: add the option console.Token, or listen on 127.0.0.1 and come through ssh -L")
