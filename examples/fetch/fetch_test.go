package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestFetch(t *testing.T) {
	tests := []struct {
		path  string
		want  jsonRow // without what is the same for all
		error string  // part of it
	}{
		{"/ok", jsonRow{OK: true, Status: 200, Bytes: 5, Attempts: 1}, ""},
		{"/empty", jsonRow{OK: true, Status: 204, Bytes: 0, Attempts: 1}, ""},
		{"/big", jsonRow{OK: true, Status: 200, Bytes: big, Attempts: 1}, ""},
		{"/missing", jsonRow{Status: 404, Bytes: 19, Attempts: 1}, "404 Not Found"},
		{"/broken", jsonRow{Status: 500, Bytes: 3, Attempts: 3}, "500 Internal Server Error"},
		{"/flaky", jsonRow{OK: true, Status: 200, Bytes: 5, Attempts: 2}, ""},
		{"/cut", jsonRow{Status: 200, Bytes: 5, Attempts: 3}, "reading the body: unexpected EOF"},
		{"/cut-once", jsonRow{OK: true, Status: 200, Bytes: 5, Attempts: 2}, ""},
		{"/redirect", jsonRow{OK: true, Status: 200, Bytes: 5, Attempts: 1}, ""},
		{"/twice", jsonRow{OK: true, Status: 200, Bytes: 5, Attempts: 1}, ""},
		{"/loop", jsonRow{Status: 302, Attempts: 1}, "redirect not followed: that would be more than 10"},
		{"/to-ftp", jsonRow{Status: 302, Attempts: 1}, "redirect not followed: to ftp://"},
		{"/to-nowhere", jsonRow{Status: 302, Attempts: 1}, "302 Found"},
	}
	s := newServer(t)
	for _, tt := range tests {
		t.Run(strings.TrimPrefix(tt.path, "/"), func(t *testing.T) {
			status, rows := fetchJSON(t, s.urls(tt.path), "--retries", "2", "--backoff", "1ms")
			wantStatus := exitOK
			if !tt.want.OK {
				wantStatus = exitFailed
			}
			if status != wantStatus {
				t.Errorf("exit status %d, want %d", status, wantStatus)
			}
			checkRow(t, rows[0], tt.want, tt.error)
		})
	}
}

// checkRow compares a row with what is wanted of it; error is part of its
// error.
func checkRow(t *testing.T, got, want jsonRow, error string) {
	t.Helper()
	if !strings.Contains(got.Error, error) || (error == "") != (got.Error == "") {
		t.Errorf("%s: error %q, want %q", got.URL, got.Error, error)
	}
	want.Line, want.URL, want.Time, want.Error = got.Line, got.URL, got.Time, got.Error
	if got != want {
		t.Errorf("%s:\n got %+v\nwant %+v", got.URL, got, want)
	}
}

func TestNoRetries(t *testing.T) {
	s := newServer(t)
	_, rows := fetchJSON(t, s.urls("/flaky", "/cut-once"), "--retries", "0")
	checkRow(t, rows[0], jsonRow{Status: 500, Bytes: 3, Attempts: 1}, "500")
	checkRow(t, rows[1], jsonRow{Status: 200, Bytes: 5, Attempts: 1}, "unexpected EOF")
}

func TestTimeout(t *testing.T) {
	s := newServer(t)
	status, rows := fetchJSON(t, s.urls("/hang"), "--timeout", "20ms", "--retries", "1", "--backoff", "0")
	if status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	checkRow(t, rows[0], jsonRow{Attempts: 2}, "timed out after 20ms")
}

func TestTimeoutThenAnswer(t *testing.T) {
	s := newServer(t)
	// So many retries that one of them is in time, however slow the machine.
	_, rows := fetchJSON(t, s.urls("/hang-once"), "--timeout", "100ms", "--retries", "1000", "--backoff", "1ms")
	if r := rows[0]; !r.OK || r.Attempts < 2 {
		t.Errorf("got %+v, want an answer after at least one timeout", r)
	}
}

// In these two, waiting the wrong time would take an hour.

func TestRetryAfterReplacesBackoff(t *testing.T) {
	s := newServer(t)
	status, rows := fetchJSON(t, s.urls("/busy"), "--backoff", "1h", "--max-wait", "1h")
	if status != exitOK {
		t.Errorf("exit status %d, want %d", status, exitOK)
	}
	checkRow(t, rows[0], jsonRow{OK: true, Status: 200, Bytes: 5, Attempts: 2}, "")
}

func TestRetryAfterTooLong(t *testing.T) {
	s := newServer(t)
	_, rows := fetchJSON(t, s.urls("/busy-long"), "--max-wait", "1m", "--backoff", "1ms")
	checkRow(t, rows[0], jsonRow{Status: 429, Attempts: 1}, "429 Too Many Requests, retry after 1h0m0s")
}

func TestMaxRedirects(t *testing.T) {
	s := newServer(t)
	_, rows := fetchJSON(t, s.urls("/redirect", "/twice"), "--max-redirects", "1")
	checkRow(t, rows[0], jsonRow{OK: true, Status: 200, Bytes: 5, Attempts: 1}, "")
	checkRow(t, rows[1], jsonRow{Status: 302, Attempts: 1}, "more than 1")

	_, rows = fetchJSON(t, s.urls("/redirect"), "--max-redirects", "0")
	checkRow(t, rows[0], jsonRow{Status: 302, Attempts: 1}, "more than 0")
	if got := s.visited("/loop"); got != 0 {
		t.Errorf("/loop was requested %d times", got)
	}
}

func TestUnreachable(t *testing.T) {
	status, rows := fetchJSON(t, []string{unreachable()}, "--retries", "2", "--backoff", "1ms")
	if status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	checkRow(t, rows[0], jsonRow{Attempts: 3}, "refused")
}

func TestUnknownCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains about us
	s.StartTLS()
	defer s.Close()
	_, rows := fetchJSON(t, []string{s.URL}, "--retries", "2", "--backoff", "1ms")
	checkRow(t, rows[0], jsonRow{Attempts: 1}, "certificate")
}

func TestUserAgent(t *testing.T) {
	s := newServer(t)
	fetchJSON(t, s.urls("/redirect"), "--user-agent", "tester/2")
	if want := []string{"tester/2", "tester/2"}; !slices.Equal(s.agents, want) {
		t.Errorf("user agents %q, want %q", s.agents, want)
	}
	fetchJSON(t, s.urls("/ok"))
	if got := s.agents[2]; got != defaults.userAgent {
		t.Errorf("user agent %q, want %q", got, defaults.userAgent)
	}
}
