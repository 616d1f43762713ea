package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// A Guard decides whether a request may be answered. It protects against other users, who
// can reach a port but do not know the secret, and against pages of foreign sites, which
// can make the browser of a user send requests. A foreign site can also let its own name
// point to 127.0.0.1 (DNS rebinding). Its page then has the same origin as the server, so
// only the host name in the request shows that it is foreign.
type Guard struct {
	words Words
	hosts map[string]bool // what clients may call us, besides localhost and our address
	token [sha256.Size]byte
	asks  bool // there is a token
}

// Words are the texts with which a guard refuses requests.
type Words struct {
	Self    string // what is asked: "this console"
	Names   string // by which names one may ask for it, after "is not known as x: "
	Site    string // to a page of another site
	Network string // to who comes over the network although there is no token
	Missing string // to who has no token
	Wrong   string // to who has another one
}

// NewGuard returns a guard that asks for no token. Addresses are HOST:PORT, and their
// hosts are names by which clients may ask.
func NewGuard(words Words, addresses ...string) *Guard {
	g := &Guard{words: words, hosts: map[string]bool{}}
	for _, address := range addresses {
		if host, _, err := net.SplitHostPort(address); err == nil && host != "" {
			g.hosts[strings.ToLower(host)] = true
		}
	}
	return g
}

// AskFor makes the guard ask for a secret, before it has been asked the first time.
func (g *Guard) AskFor(token string) { g.token, g.asks = sha256.Sum256([]byte(token)), true }

// CheckOrigin refuses requests that a foreign page may have sent, and requests over the
// network if no token is set.
func (g *Guard) CheckOrigin(r *http.Request) *Refusal {
	switch {
	case !g.knows(r):
		return &Refusal{http.StatusMisdirectedRequest, g.words.Self + " is not known as " + r.Host + ": " + g.words.Names}
	case foreignOrigin(r):
		return &Refusal{http.StatusForbidden, g.words.Site}
	case !g.asks && overNetwork(r):
		return &Refusal{http.StatusForbidden, g.words.Network}
	}
	return nil
}

// Serve answers a request by the handler, unless CheckOrigin refuses it. It waits only
// for a limited time for a client that does not read the answer, or does not send the
// rest of the request.
func (g *Guard) Serve(w http.ResponseWriter, r *http.Request, handler http.HandlerFunc) {
	out := NewPatientWriter(w)
	defer out.Finish()
	out.HurryBody(r)
	SetHeaders(out.Header())
	if no := g.CheckOrigin(r); no != nil {
		no.ServeHTTP(out, r)
		return
	}
	handler(out, r)
}

// CheckToken refuses clients that do not know the secret. It is not called for the page
// itself, which holds no data and sends the secret with its later requests.
func (g *Guard) CheckToken(r *http.Request) *Refusal {
	if !g.asks {
		return nil
	}
	token, given := tokenOf(r)
	sum := sha256.Sum256([]byte(token)) // makes all of one length, which takes the same time to compare
	switch {
	case !given:
		return &Refusal{http.StatusUnauthorized, g.words.Missing}
	case subtle.ConstantTimeCompare(sum[:], g.token[:]) != 1:
		return &Refusal{http.StatusUnauthorized, g.words.Wrong}
	}
	return nil
}

// tokenOf returns the secret that the request contains. It does not look at the query,
// which is kept in histories and logs.
func tokenOf(r *http.Request) (token string, given bool) {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token), true
	}
	for _, name := range []string{tokenCookie + "_" + portOf(r.Host), tokenCookie} {
		if c, err := r.Cookie(name); err == nil {
			if token, err := url.PathUnescape(c.Value); err == nil {
				return token, true
			}
			return c.Value, true
		}
	}
	return "", false
}

// tokenCookie is the cookie of the token. Cookies belong to a host and not to a port, so
// the page adds that: a machine may have several servers.
const tokenCookie = "asyncio_token"

// portOf returns the port of a host, or "".
func portOf(hostport string) string {
	_, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return ""
	}
	return port
}

// knows reports whether the client calls us by a name of ours.
func (g *Guard) knows(r *http.Request) bool {
	host := hostOf(r.Host)
	if host == "localhost" || g.hosts[host] {
		return true
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || addr == netip.IPv6Loopback() || addr.Unmap() == addrOf(local)
	}
	// No browser uses a Unix socket, unless ssh -L leads it there, and then the request
	// names the site of its page. A name without a dot is not the name of a site: curl
	// and programs have to send some host.
	return overSocket(local) && host != "" && !strings.ContainsAny(host, ".:[]")
}

// hostOf returns a host without its port, and without the brackets of IPv6.
func hostOf(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	return strings.ToLower(host)
}

// foreignOrigin reports whether a page of another origin has made the browser ask. Not
// every request has an Origin; newer browsers tell in Sec-Fetch-Site.
func foreignOrigin(r *http.Request) bool {
	if values := r.Header.Values("Origin"); len(values) > 0 {
		u, err := url.Parse(values[0])
		if len(values) > 1 || err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) {
			return true
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" // a link to the page is fine
}

// overNetwork reports whether a request has arrived at an address that other machines can
// reach. If the server does not know this address (as with FastCGI), the address from
// which the request comes decides.
func overNetwork(r *http.Request) bool {
	local, known := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !known {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		return err != nil || !from.Addr().Unmap().IsLoopback()
	}
	return !overSocket(local) && !addrOf(local).IsLoopback()
}

func overSocket(local net.Addr) bool { return local != nil && local.Network() == "unix" }

// addrOf returns the IP address of an address; an invalid one if it has none.
func addrOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}
