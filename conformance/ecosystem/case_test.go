package ecosystem

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
)

// The ways in which a library is used, as the guide names them.
const (
	direct          = "direct"                // in tasks on the loop, through connections that suspend them
	toThread        = "ToThread"              // its own connections, its calls in asyncio.ToThread
	callbacks       = "callbacks"             // its callbacks hand results to the loop
	onLoop          = "asynciohttp"           // a server of package net, whose handlers run on the loop
	serverGoroutine = "server in a goroutine" // a streams.Listener, served by goroutines
	serverTask      = "server in a task"      // a streams.Listener, served by tasks
)

// A Case is a library that is used in one way.
type Case struct {
	Library string // with the module's version where that is not in its path
	Way     string // one of the ways above
	Note    string // for the table: what a user has to do or to know

	// Open makes a client, in a task of the loop, and what it needs: a server, and, if
	// the connections are to be killed, a way to do so. What has to be closed after
	// the loop's end goes to t.Cleanup. A failure there is t.Fatal.
	Open func(ctx context.Context, t *testing.T, s *Scene) *Client

	// Pool is how many connections there are in the situation with fewer of them than
	// tasks. Zero: the library has no pool, and the situation does not apply.
	Pool int

	// Blocks says why a call stops the whole loop until it has its answer. Then only
	// that is tested: that the watchdog says so, and that the call comes back.
	Blocks string

	// OwnErrors: a canceled call fails with an error of the library's that does not
	// wrap the cause. (In ToThread the error of a cancellation is asyncio's, but a
	// library that reads the deadline of ctx may be first with an error of its own.)
	OwnErrors bool

	// Retries: the library makes a call again whose connection was killed.
	Retries bool

	// Unsupported says why a situation does not apply. It stands in the table as "–".
	Unsupported map[string]string
}

// A Scene is one situation of a case: what the test and the server have in common.
type Scene struct {
	*Gate        // holds back the answer to Client.Hold
	Pool  int    // how many connections the client may open; zero: as it likes
	Kill  func() // kills all connections in mid-call; Open sets it
}

// A Client is what a situation needs of a library. Tasks call these functions.
type Client struct {
	// Echo is a call: the server answers with the text.
	Echo func(ctx context.Context, text string) (string, error)
	// Hold is a call that the server answers when Scene.Gate is open.
	Hold func(ctx context.Context) error
	// Redial connects again, where the library does not by itself. It may be nil.
	Redial func(ctx context.Context) error
	// Close ends the client, and a server that runs on the loop.
	Close func(ctx context.Context) error
}

// inThread makes the calls of a client, which block, in asyncio.ToThread.
func inThread(c *Client) *Client {
	in := *c
	in.Echo = func(ctx context.Context, text string) (string, error) {
		return asyncio.ToThread(ctx, func(ctx context.Context) (string, error) { return c.Echo(ctx, text) })
	}
	in.Hold = func(ctx context.Context) error { return asyncio.ToThreadFunc(ctx, c.Hold) }
	in.Close = func(ctx context.Context) error { return asyncio.ToThreadFunc(ctx, c.Close) }
	if c.Redial != nil {
		in.Redial = func(ctx context.Context) error { return asyncio.ToThreadFunc(ctx, c.Redial) }
	}
	return &in
}

// echoClient is the client of a library in which all calls are the same.
func echoClient(call func(ctx context.Context, text string) (string, error)) *Client {
	return &Client{
		Echo:  call,
		Hold:  func(ctx context.Context) error { _, err := call(ctx, holdMe); return err },
		Close: func(context.Context) error { return nil },
	}
}

// Test runs the situations, and notes for the table what has come of them.
func (c Case) Test(t *testing.T) {
	t.Helper()
	r := row{library: c.Library, way: c.Way, note: c.note()}
	for i, s := range situations {
		r.results[i] = c.testSituation(t, s)
	}
	observe(t, r)
}

// Skip says that a case cannot run here. Its row stays as it is.
func (c Case) Skip(t *testing.T, why string) {
	t.Helper()
	skipped(c.Library, c.Way)
	t.Skip(why)
}

func (c Case) testSituation(t *testing.T, s situation) result {
	if c.Unsupported[s.name] != "" || s.name == smallPool && c.Pool == 0 {
		return none
	}
	if c.Blocks != "" {
		if s.name != manyTasks {
			return none
		}
		return ran(t.Run("blocks the loop", c.blocks), "blocks the loop")
	}
	return ran(t.Run(s.name, func(t *testing.T) { s.run(c, t) }), works)
}

func ran(ok bool, r result) result {
	if !ok {
		return failed
	}
	return r
}

func (c Case) note() string {
	switch {
	case c.Blocks != "":
		return c.Blocks
	case c.OwnErrors && c.Note != "":
		return c.Note + "; " + ownErrors
	case c.OwnErrors:
		return ownErrors
	}
	return c.Note
}

const ownErrors = "errors are its own: ask `Timeout.Expired`"
