package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

func TestDelayDoublesUpToTheLongest(t *testing.T) {
	p := retryPolicy{backoff: time.Second, maxWait: 10 * time.Second, jitter: func() float64 { return 1 }}
	for attempt, want := range map[int]time.Duration{
		1: 1 * time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 8 * time.Second,
		5: 10 * time.Second, 6: 10 * time.Second, 100_000: 10 * time.Second,
	} {
		if got := p.delay(attempt); got != want {
			t.Errorf("after attempt %d: %v, want %v", attempt, got, want)
		}
	}
}

func TestDelayJitter(t *testing.T) {
	p := retryPolicy{backoff: time.Second, maxWait: time.Minute}
	for jitter, want := range map[float64]time.Duration{
		0: 500 * time.Millisecond, 0.5: 750 * time.Millisecond, 1: time.Second,
	} {
		p.jitter = func() float64 { return jitter }
		if got := p.delay(1); got != want {
			t.Errorf("with jitter %v: %v, want %v", jitter, got, want)
		}
	}
	p.backoff = 0
	if got := p.delay(100_000); got != 0 {
		t.Errorf("without backoff: %v, want 0", got)
	}
}

func TestNext(t *testing.T) {
	p := retryPolicy{retries: 2, backoff: time.Second, maxWait: time.Minute, jitter: func() float64 { return 1 }}
	tests := []struct {
		name    string
		attempt int
		err     error
		pause   time.Duration
		again   bool
	}{
		{"success", 1, nil, 0, false},
		{"first failure", 1, io.EOF, time.Second, true},
		{"second failure", 2, io.EOF, 2 * time.Second, true},
		{"last failure", 3, io.EOF, 0, false},
		{"server says when", 1, &statusError{429, true, 9 * time.Second}, 9 * time.Second, true},
		{"unavailable says when", 1, &statusError{503, true, 0}, 0, true},
		{"server does not say when", 2, &statusError{429, false, 0}, 2 * time.Second, true},
		{"server wants the last retry later", 3, &statusError{429, true, 0}, 0, false},
	}
	for _, tt := range tests {
		if pause, again := p.next(tt.attempt, tt.err); pause != tt.pause || again != tt.again {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, pause, again, tt.pause, tt.again)
		}
	}
	if _, again := p.next(1, &statusError{429, true, time.Hour}); again {
		t.Error("server asks for an hour: tried again, want not")
	}
}

func TestTemporary(t *testing.T) {
	tests := []struct {
		err  error
		want bool
	}{
		{&statusError{code: 500}, true},
		{&statusError{code: 503}, true},
		{&statusError{code: 429}, true},
		{&statusError{code: 400}, false},
		{&statusError{code: 404}, false},
		{&statusError{code: 304}, false},
		{io.ErrUnexpectedEOF, true},
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, true},
		{&net.DNSError{IsTemporary: true}, true},
		{&net.DNSError{IsNotFound: true}, false},
		{fmt.Errorf("tls: %w", &tls.CertificateVerificationError{Err: io.EOF}), false},
		{http.ErrSchemeMismatch, false},
		{fmt.Errorf("%w: loop", errRedirect), false},
	}
	for _, tt := range tests {
		if got := temporary(tt.err); got != tt.want {
			t.Errorf("%T %v: %v, want %v", tt.err, tt.err, got, tt.want)
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		value string
		wait  time.Duration
		ok    bool
	}{
		{"", 0, false},
		{"soon", 0, false},
		{"-1", 0, false},
		{"1.5", 0, false},
		{"0", 0, true},
		{"120", 2 * time.Minute, true},
		{"99999999999999999999", (1<<32 - 1) * time.Second, true},
		{now.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second, true},
		{now.Add(-time.Hour).Format(http.TimeFormat), 0, true},
	}
	for _, tt := range tests {
		if wait, ok := parseRetryAfter(tt.value, now); wait != tt.wait || ok != tt.ok {
			t.Errorf("%q: %v, %v; want %v, %v", tt.value, wait, ok, tt.wait, tt.ok)
		}
	}
}

func TestStatusError(t *testing.T) {
	for want, e := range map[string]statusError{
		"404 Not Found": {code: 404},
		"599":           {code: 599},
		"429 Too Many Requests, retry after 1m0s": {429, true, time.Minute},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
