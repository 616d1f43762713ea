// Package client asks consoles. It finds them, checks whom it talks to, and speaks the
// format of internal/wire.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// answerTimeout bounds how long a console may take until its answer begins. One whose
// loop is stuck answers within a second.
const answerTimeout = 15 * time.Second

// A Client asks one console. Its methods may be called on any goroutine; they wait for
// the answer, or until ctx is done.
type Client struct {
	Address Address
	Hello   wire.Hello // as it was when the client was made
	token   string
	host    string
	http    *http.Client
}

// Open connects to the console at an address and greets it. The token is for a console
// that asks for one; it is sent to no other than this address. The error is an *Error.
func Open(ctx context.Context, a Address, token string) (*Client, error) {
	c := &Client{Address: a, token: token, host: "localhost"}
	if a.tcp != "" {
		c.host = a.tcp
	}
	c.http = &http.Client{
		Transport: &http.Transport{
			DialContext:           func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, a) },
			ResponseHeaderTimeout: answerTimeout,
		},
		// A console never redirects, and the token must not be sent to another address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	hello, err := c.Greet(ctx)
	if err != nil {
		c.Close()
		return nil, err
	}
	c.Hello = hello
	return c, nil
}

// Close gives up the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Name returns what the program is called, with the number of its process.
func (c *Client) Name() string { return fmt.Sprintf("%s %d", c.Hello.Program, c.Hello.PID) }

// Greet asks for /v1/hello, and refuses a console of another version, and what is no
// console.
func (c *Client) Greet(ctx context.Context) (wire.Hello, error) {
	var hello wire.Hello
	body, err := c.Get(ctx, "/v1/hello")
	if refusal, ok := errors.AsType[*refusal](err); ok && !refusal.console {
		return hello, c.otherServer()
	} else if err != nil {
		return hello, err
	}
	switch err := json.Unmarshal(body, &hello); {
	case hello.V != 0 && hello.V != wire.Version: // whatever else it says may mean something else
		return hello, fail(Failed, nil, "the console of %s speaks version %d of the format, and this command version %d: take the command of the same release as the program's library, go install github.com/asyncio-go/asyncio/cmd/asyncio@VERSION", c.Address.describe(), hello.V, wire.Version)
	case err != nil || hello.V == 0:
		return hello, c.otherServer()
	}
	return hello, nil
}

func (c *Client) otherServer() error {
	return fail(NoConsole, nil, "what answers at %s is not a console of asyncio: %s.", c.Address.describe(), HowToSwitchOn)
}

// Path returns a path of /v1 with its parameters: names and values, in turn. A value of
// "" or "0" is left out.
func Path(path string, params ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		if value := params[i+1]; value != "" && value != "0" {
			values.Set(params[i], value)
		}
	}
	if len(values) == 0 {
		return "/v1/" + path
	}
	return "/v1/" + path + "?" + values.Encode()
}

// SnapshotPath returns the path of a snapshot of a loop, with so many tasks at most; 0
// stands for all.
func SnapshotPath(loop, limit int) string {
	return Path("snapshot", "loop", strconv.Itoa(loop), "limit", strconv.Itoa(limit))
}

// DumpPath returns the path of a loop's tasks as text.
func DumpPath(loop int) string { return Path("dump", "loop", strconv.Itoa(loop)) }

// Snapshot asks for the state of a loop, with so many tasks at most; 0 stands for all.
func (c *Client) Snapshot(ctx context.Context, loop, limit int) (*wire.Snapshot, error) {
	s := new(wire.Snapshot)
	return s, c.decode(ctx, SnapshotPath(loop, limit), s)
}

// Task asks for all that is known of a task.
func (c *Client) Task(ctx context.Context, loop int, id uint64) (*wire.TaskDetail, error) {
	t := new(wire.TaskDetail)
	return t, c.decode(ctx, Path(fmt.Sprint("task/", id), "loop", strconv.Itoa(loop)), t)
}

// Cancel asks a task to end, and returns the answer as it came.
func (c *Client) Cancel(ctx context.Context, loop int, task uint64) ([]byte, error) {
	order, err := json.Marshal(wire.Cancel{Loop: loop, Task: task})
	if err != nil {
		return nil, err
	}
	request, err := c.request(ctx, http.MethodPost, "/v1/cancel", bytes.NewReader(order))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Asyncio", "1")
	answer, err := c.do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	return io.ReadAll(answer)
}

// Get asks for a path and returns the answer as it came.
func (c *Client) Get(ctx context.Context, path string) ([]byte, error) {
	answer, err := c.Stream(ctx, path)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	body, err := io.ReadAll(answer)
	if err != nil {
		return nil, c.lost(ctx, err)
	}
	return body, nil
}

// Stream asks for a path and returns the answer, to be read and closed.
func (c *Client) Stream(ctx context.Context, path string) (io.ReadCloser, error) {
	request, err := c.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	return c.do(request)
}

func (c *Client) decode(ctx context.Context, path string, into any) error {
	body, err := c.Get(ctx, path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fail(Failed, err, "the console of %s answers %s with what this command cannot read: %v", c.Address.describe(), path, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+c.host+path, body)
	if err == nil && c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	return request, err
}

func (c *Client) do(request *http.Request) (io.ReadCloser, error) {
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, c.lost(request.Context(), err)
	}
	if answer.StatusCode != http.StatusOK {
		defer answer.Body.Close()
		return nil, c.refused(answer)
	}
	return answer.Body, nil
}

// lost returns the error for a connection that failed. It returns an error of dial
// unchanged.
func (c *Client) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if ours, ok := errors.AsType[*Error](err); ok {
		return ours
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fail(Failed, err, "the console of %s does not answer: is the process stopped?", c.Address.describe())
	}
	return fail(Failed, err, "the connection to the console of %s broke: %v; the program may have ended, \"asyncio ps\" tells", c.Address.describe(), cause(err))
}

// A refusal is an answer that is an error.
type refusal struct {
	status  int
	text    string
	console bool // a console has written it
}

func (r *refusal) Error() string { return r.text }

// maxRefusal bounds how much of an answer that is an error is read.
const maxRefusal = 64 << 10

func (c *Client) refused(answer *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxRefusal)) // what has come is what there is to say
	var e wire.Error
	json.Unmarshal(body, &e) // if it cannot be read, no console has written it
	r := &refusal{status: answer.StatusCode, text: e.Error, console: e.Error != ""}
	if r.text == "" {
		r.text = "the answer is " + answer.Status
	}
	if r.status == http.StatusUnauthorized {
		advice := "give it with --token, or in the environment variable ASYNCIO_TOKEN"
		if c.token != "" {
			advice = "the one that was given is another; look at --token and ASYNCIO_TOKEN"
		}
		r.text = fmt.Sprintf("the console at %s asks for its token: %s", c.Address, advice)
		r.console = true
	}
	return r
}

// Unreachable tells whether an error says that the program is gone, rather than that it
// did not like a question.
func Unreachable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Reason == NoProcess || e.Reason == NoConsole)
}

// NoSuchLoop says that a program has no loop of this number, and which it has.
func (c *Client) NoSuchLoop(loop int) error {
	var have []string
	for _, l := range c.Hello.Loops {
		have = append(have, strconv.Itoa(l.ID))
	}
	if len(have) == 0 {
		return fail(Failed, nil, "%s has no loop: none runs now", c.Name())
	}
	return fail(Failed, nil, "%s has no loop %d: it has %s", c.Name(), loop, strings.Join(have, ", "))
}
