package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

func TestOneBadDoesNotStopTheRest(t *testing.T) {
	s := newServer(t)
	input := s.urls("/ok", "not a url", unreachable(), "/missing", "/loop", "/cut", "ftp://host/", "/ok")
	input = append([]string{"# comment", ""}, input...)
	status, rows := fetchJSON(t, input, "--retries", "0", "--limit", "2")
	if status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	for i, r := range rows {
		if r.URL != input[i+2] || r.Line != i+3 {
			t.Errorf("row %d is line %d, %q; want line %d, %q", i, r.Line, r.URL, i+3, input[i+2])
		}
		wantOK := i == 0 || i == len(rows)-1
		if r.OK != wantOK || (r.Error == "") != wantOK {
			t.Errorf("row %d is %+v, want ok %v", i, r, wantOK)
		}
	}
}

func TestSlowServerDoesNotHoldTheRest(t *testing.T) {
	s := newServer(t)
	// The first one ends only because the second one runs meanwhile.
	status, rows := fetchJSON(t, s.urls("/slow", "/release"), "--limit", "2", "--timeout", "1h")
	if status != exitOK {
		t.Errorf("exit status %d, want %d", status, exitOK)
	}
	checkRow(t, rows[0], jsonRow{OK: true, Status: 200, Bytes: 10, Attempts: 1}, "")
	checkRow(t, rows[1], jsonRow{OK: true, Status: 200, Bytes: 5, Attempts: 1}, "")
}

// meetingPoint is a server whose requests are answered in companies of size:
// who comes waits for the company to be complete.
type meetingPoint struct {
	size int

	mu       sync.Mutex // protects the following
	complete sync.Cond
	came     int
	here     int
	most     int // that were here at the same time
}

func (m *meetingPoint) ServeHTTP(http.ResponseWriter, *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.here++
	defer func() { m.here-- }()
	m.most = max(m.most, m.here)
	m.came++
	company := (m.came + m.size - 1) / m.size * m.size
	m.complete.Broadcast()
	for m.came < company {
		m.complete.Wait()
	}
}

func TestLimit(t *testing.T) {
	const limit = 3
	m := &meetingPoint{size: limit}
	m.complete.L = &m.mu
	s := httptest.NewServer(m)
	defer s.Close()

	input := strings.Repeat(s.URL+"/\n", 4*limit)
	r := fetch(t, input, "--limit", "3", "--timeout", "1h")
	if r.status != exitOK {
		t.Errorf("exit status %d, want %d", r.status, exitOK)
	}
	if m.most != limit {
		t.Errorf("%d were fetched at once, want %d", m.most, limit)
	}
}

// roundTripper is a server without a network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// stallingBody has a greeting and then nothing more until the request is
// canceled. It calls stalled when the greeting has been taken.
type stallingBody struct {
	io.Reader
	request *http.Request
	stalled func()
}

func (b stallingBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		b.stalled()
		<-b.request.Context().Done()
		err = context.Cause(b.request.Context())
	}
	return n, err
}

func (stallingBody) Close() error { return nil }

// fetchOne fetches a URL from a server without a network. No error may be left
// to the loop.
func fetchOne(t *testing.T, ctx context.Context, f *fetcher, server roundTripper) (result, error) {
	t.Helper()
	f.client.Transport = server
	rows := newRows(parseTargets("http://host/"))
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		return fetchRows(ctx, rows, f, 1, &progress{})
	}, asyncio.OnException(func(e asyncio.ExceptionContext) {
		t.Errorf("the loop reports: %v", e)
	}), asyncio.SlowStep(-1)) // on a busy machine any step can take long
	return rows[0], err
}

func TestCanceledInTheMiddleOfABody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	row, err := fetchOne(t, ctx, newFetcher(defaults), func(req *http.Request) (*http.Response, error) {
		body := stallingBody{strings.NewReader(greeting), req, cancel}
		return &http.Response{StatusCode: http.StatusOK, Body: body, Request: req}, nil
	})
	if !errors.Is(err, asyncio.ErrCanceled) {
		t.Errorf("the group ended with %v, want %v", err, asyncio.ErrCanceled)
	}
	if row.Err != errCanceled || row.Status != 200 || row.Bytes != 5 || row.Attempts != 1 {
		t.Errorf("got %+v, want what was known: 200, 5 bytes, canceled", row)
	}
}

func TestCanceledInAPause(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := newFetcher(defaults)
	f.retry.backoff, f.retry.maxWait = time.Hour, time.Hour
	f.retry.jitter = func() float64 { cancel(); return 1 } // called when a pause begins
	row, err := fetchOne(t, ctx, f, func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: http.NoBody, Request: req}, nil
	})
	if !errors.Is(err, asyncio.ErrCanceled) {
		t.Errorf("the group ended with %v, want %v", err, asyncio.ErrCanceled)
	}
	const want = "canceled after: 503 Service Unavailable"
	if !row.canceled() || row.Err.Error() != want || row.Status != 503 || row.Attempts != 1 {
		t.Errorf("got %+v, want %q", row, want)
	}
}

// However the end of its time shows to a request, and however late it says so,
// the row tells of a timeout, and the loop of nothing.
func TestTimeoutNoticedByTheRequest(t *testing.T) {
	for name, server := range map[string]roundTripper{
		"before the loop": func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
		},
		"after the loop": func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, io.ErrUnexpectedEOF
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFetcher(defaults)
			f.retry.retries, f.timeout = 0, 10*time.Millisecond
			row, err := fetchOne(t, t.Context(), f, server)
			if err != nil {
				t.Errorf("the group ended with %v, want nil", err)
			}
			if row.Err == nil || row.Err.Error() != "timed out after 10ms" {
				t.Errorf("got %v, want a timeout", row.Err)
			}
		})
	}
}

func TestCanceledBeforeItBegan(t *testing.T) {
	s := newServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err strings.Builder
	input := strings.Join(s.urls("/ok", "nonsense"), "\n")
	status := execute(ctx, []string{"--json"}, stdio{strings.NewReader(input), &out, &err})
	if status != exitInterrupted {
		t.Errorf("exit status %d, want %d", status, exitInterrupted)
	}
	rows := decode(t, out.String())
	checkRow(t, rows[0], jsonRow{Canceled: true}, "canceled before it began")
	checkRow(t, rows[1], jsonRow{}, "bad URL")
	if got := s.visited("/ok"); got != 0 {
		t.Errorf("the server was asked %d times", got)
	}
}
