package vet

import (
	"go/types"
	"strings"
)

// root is the path of the library's module.
const root = "github.com/asyncio-go/asyncio"

// isOurs reports whether a package is of the library, or of what lies behind it.
func isOurs(p *types.Package) bool {
	if p == nil {
		return false
	}
	path := strings.TrimPrefix(p.Path(), root)
	return isLibrary(p) || path == "/console" || path == "/trace" || strings.HasPrefix(path, "/internal/")
}

// isLibrary reports whether a package is one of those that users import, and that run
// functions for them.
func isLibrary(p *types.Package) bool {
	if p == nil {
		return false
	}
	switch strings.TrimPrefix(p.Path(), root) {
	case "", "/streams", "/files", "/subprocess", "/asynciotest", "/remote", "/adapters/asynciohttp":
		return p.Path() == root || strings.HasPrefix(p.Path(), root+"/")
	}
	return false
}

// A kind is where a function runs.
type kind int

const (
	unknown   kind = iota
	inline         // a literal that is a part of the function around it
	offLoop        // on a goroutine of its own, or on a thread
	callback       // on the loop, where nothing can suspend
	coroutine      // in a task
)

// elsewhere are the functions of the library that run functions on other goroutines.
var elsewhere = map[string]bool{
	"ToThread": true, "ToThreadFunc": true, "RunInExecutor": true, "Submit": true,
	"Control": true, "ResolveWith": true, "DumpOnQuit": true,
}

// kindOf returns where a function runs that is passed as a parameter of the callee, and
// the words for it: "a coroutine, for it is given to ...".
func kindOf(callee *types.Func, param types.Type) kind {
	sig, ok := param.Underlying().(*types.Signature)
	switch {
	case !ok:
		return unknown
	case !isLibrary(callee.Pkg()):
		return kindInOthers(callee)
	case elsewhere[callee.Name()]:
		return offLoop
	case callee.Name() == "Define": // of remote: its worker has a pool, or, with OnLoop, a task for each
		return unknown
	case takesContext(sig), callee.Name() == "With", callee.Name() == "WithRead", callee.Name() == "Do":
		return coroutine
	case callee.Name() == "Wait", callee.Name() == "WaitFor": // of Watch and Condition: what they wait for
		return inline
	case callee.Pkg().Path() == root:
		return callback
	}
	return unknown
}

// others are functions of other packages that run functions elsewhere, or at once.
var others = map[string]kind{
	"time.AfterFunc": offLoop, "context.AfterFunc": offLoop, "(*sync.WaitGroup).Go": offLoop,
	"(*golang.org/x/sync/errgroup.Group).Go": offLoop, "(*golang.org/x/sync/errgroup.Group).TryGo": offLoop,
	"net/http.HandleFunc": offLoop, "(*net/http.ServeMux).HandleFunc": offLoop,
	"(*sync.Once).Do": inline, "(*testing.T).Run": inline, "(*testing.B).Run": inline,
}

func kindInOthers(callee *types.Func) kind {
	if k, ok := others[callee.FullName()]; ok {
		return k
	}
	if p := callee.Pkg(); p != nil {
		switch p.Path() {
		case "slices", "sort", "maps", "strings", "bytes": // they call it before they return
			return inline
		}
	}
	return unknown
}

// takesContext reports whether the first parameter is a context.
func takesContext(sig *types.Signature) bool {
	return sig.Params().Len() > 0 && isContext(sig.Params().At(0).Type())
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

// isCoro reports whether a type is asyncio.Coro.
func isCoro(t types.Type) bool { return isNamed(t, root, "Coro") }

// isNamed reports whether a type, or what it points to, is the one with that name.
func isNamed(t types.Type, path, name string) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path && n.Obj().Name() == name
}

// stdinCure is what to use in place of a read of the standard input.
const stdinCure = "streams.OpenPipe or ToThread"

// blocking are functions that block their goroutine, each with what suspends the task
// alone.
var blocking = map[string]string{
	"time.Sleep":                               "asyncio.Sleep",
	"(*sync.WaitGroup).Wait":                   "a TaskGroup",
	"(*sync.Cond).Wait":                        "asyncio.Condition",
	"(*golang.org/x/sync/errgroup.Group).Wait": "a TaskGroup",

	"net.Dial": "streams.Dial", "net.DialTimeout": "streams.Dial", "net.DialTCP": "streams.Dial", "net.DialUDP": "streams.DialPacket",
	"net.DialUnix": "streams.Dial", "(*net.Dialer).Dial": "streams.Dial", "(*net.Dialer).DialContext": "streams.Dial",
	"crypto/tls.Dial": "streams.Dial with streams.TLS", "crypto/tls.DialWithDialer": "streams.Dial with streams.TLS", "(*crypto/tls.Dialer).DialContext": "streams.Dial with streams.TLS",
	"net.LookupHost": "ToThread", "net.LookupIP": "ToThread", "net.LookupAddr": "ToThread", "net.LookupCNAME": "ToThread", "net.LookupMX": "ToThread",
	"net.LookupNS": "ToThread", "net.LookupSRV": "ToThread", "net.LookupTXT": "ToThread",
	"(*net.Resolver).LookupHost": "ToThread", "(*net.Resolver).LookupIPAddr": "ToThread", "(*net.Resolver).LookupNetIP": "ToThread",

	// Of net.TCPConn, net.UDPConn and net.UnixConn. Those of the interface net.Conn may be of
	// package streams.
	"(*net.conn).Read": "streams.Dial or streams.Adopt", "(*net.conn).Write": "streams.Dial or streams.Adopt",
	"(*net.TCPConn).ReadFrom": "streams.Dial or streams.Adopt", "(*net.TCPConn).WriteTo": "streams.Dial or streams.Adopt",
	"(*net.UDPConn).ReadFrom": "streams.ListenPacket", "(*net.UDPConn).ReadFromUDP": "streams.ListenPacket",
	"(*net.UDPConn).ReadFromUDPAddrPort": "streams.ListenPacket", "(*net.UDPConn).ReadMsgUDP": "streams.ListenPacket",
	"(*net.UDPConn).WriteTo": "streams.ListenPacket", "(*net.UDPConn).WriteToUDP": "streams.ListenPacket",
	"(*net.UnixConn).ReadFrom": "streams.ListenPacket", "(*net.UnixConn).ReadFromUnix": "streams.ListenPacket",
	"(*net.TCPListener).Accept": "streams.Listen", "(*net.TCPListener).AcceptTCP": "streams.Listen",
	"(*net.UnixListener).Accept": "streams.Listen", "(*net.UnixListener).AcceptUnix": "streams.Listen",

	"net/http.Get": "ToThread", "net/http.Post": "ToThread", "net/http.Head": "ToThread", "net/http.PostForm": "ToThread",
	"(*net/http.Client).Do": "ToThread", "(*net/http.Client).Get": "ToThread", "(*net/http.Client).Post": "ToThread",
	"(*net/http.Client).Head": "ToThread", "(*net/http.Client).PostForm": "ToThread", "(*net/http.Transport).RoundTrip": "ToThread",
	// Not Serve: with a listener of package streams, a server works in a task.
	"net/http.ListenAndServe": "asynciohttp.Serve", "net/http.ListenAndServeTLS": "asynciohttp.Serve",
	"(*net/http.Server).ListenAndServe": "asynciohttp.Serve", "(*net/http.Server).ListenAndServeTLS": "asynciohttp.Serve",
	"(*net/http.Server).Shutdown": "ToThread",

	"(*os/exec.Cmd).Run": "package subprocess", "(*os/exec.Cmd).Output": "package subprocess",
	"(*os/exec.Cmd).CombinedOutput": "package subprocess", "(*os/exec.Cmd).Wait": "package subprocess", "(*os.Process).Wait": "package subprocess",

	"(*net/rpc.Client).Call": "ToThread", "net/rpc.Dial": "ToThread",
	"golang.org/x/crypto/ssh.Dial": "ToThread", "(*golang.org/x/crypto/ssh.Session).Run": "ToThread", "(*golang.org/x/crypto/ssh.Session).Wait": "ToThread",
	"(*golang.org/x/crypto/ssh.Session).Output": "ToThread", "(*golang.org/x/crypto/ssh.Session).CombinedOutput": "ToThread",
	"(*github.com/nats-io/nats.go.Conn).Request": "ToThread", "(*github.com/nats-io/nats.go.Conn).Flush": "ToThread",
	"github.com/jackc/pgx/v5.Connect": "pgx.ConnectConfig with a DialFunc of streams.DialShared, or ToThread",

	"fmt.Scan": stdinCure, "fmt.Scanf": stdinCure, "fmt.Scanln": stdinCure,
}

// files are functions that wait for a disk. Files are short, and disks are fast, as a rule;
// so they are looked for on request only.
var filesystem = map[string]string{
	"os.ReadFile": "files.ReadFile", "os.WriteFile": "files.WriteFile", "os.ReadDir": "files.ReadDir", "os.Stat": "files.Stat",
	"os.Open": "files.Open", "os.Create": "files.Create", "os.OpenFile": "files.OpenFile",
	"(*os.File).Read": "package files", "(*os.File).ReadAt": "package files", "(*os.File).Write": "package files",
	"(*os.File).WriteAt": "package files", "(*os.File).WriteString": "package files", "(*os.File).Sync": "package files",
}

// readers are functions that read one of their arguments, and methods that read what their
// receiver was made with.
var readers = map[string]bool{
	"io.ReadAll": true, "io.Copy": true, "io.CopyN": true, "io.ReadFull": true, "io.ReadAtLeast": true,
	"fmt.Fscan": true, "fmt.Fscanf": true, "fmt.Fscanln": true,
	"(*bufio.Scanner).Scan": true, "(*bufio.Reader).Read": true, "(*bufio.Reader).ReadByte": true, "(*bufio.Reader).ReadBytes": true,
	"(*bufio.Reader).ReadLine": true, "(*bufio.Reader).ReadRune": true, "(*bufio.Reader).ReadString": true, "(*bufio.Reader).Peek": true,
	"(*os.File).Read": true,
}

// clients are types of databases and other services that wait for an answer in all methods
// that take a context. What dials through package streams is used in tasks as it is; so of
// those that can, there are only the ways to make one that visibly does not.
var clients = map[string]bool{
	"database/sql.DB": true, "database/sql.Conn": true, "database/sql.Tx": true, "database/sql.Stmt": true,
	"go.mongodb.org/mongo-driver/v2/mongo.Collection": true,
	"github.com/nats-io/nats.go.Conn":                 true,
	"google.golang.org/grpc.ClientConn":               true,
}

// ownDialers are functions that return a client which dials by itself.
var ownDialers = map[string]bool{
	"github.com/jackc/pgx/v5.Connect": true, "github.com/jackc/pgx/v5/pgxpool.New": true,
}
