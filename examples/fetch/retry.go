package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// retryPolicy decides whether to try again, and when.
type retryPolicy struct {
	retries int
	backoff time.Duration
	maxWait time.Duration
	jitter  func() float64 // from 0 to 1
}

func newRetryPolicy(o options) retryPolicy {
	return retryPolicy{o.retries, o.backoff, o.maxWait, rand.Float64}
}

// next returns whether another attempt is worth while after the given one,
// counted from 1, ended with err; and after which pause.
func (p retryPolicy) next(attempt int, err error) (pause time.Duration, again bool) {
	if err == nil || attempt > p.retries || !temporary(err) {
		return 0, false
	}
	if e, ok := errors.AsType[*statusError](err); ok && e.asksToWait {
		return e.wait, e.wait <= p.maxWait
	}
	return p.delay(attempt), true
}

// delay is the pause after an attempt: it doubles each time, up to maxWait.
// Chance takes up to half of it away, so that many requests that failed
// together do not come back together.
func (p retryPolicy) delay(attempt int) time.Duration {
	doublings := min(attempt-1, 62)
	d := math.Min(float64(p.backoff)*math.Exp2(float64(doublings)), float64(p.maxWait))
	return time.Duration(d/2 + d/2*p.jitter())
}

// temporary tells whether what failed may work the next time: all but what
// the server, or we, will say again.
func temporary(err error) bool {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.code >= 500 || e.code == http.StatusTooManyRequests
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
		return false
	}
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	return !badCertificate &&
		!errors.Is(err, http.ErrSchemeMismatch) &&
		!errors.Is(err, errRedirect)
}

// statusError is an answer that is not a success.
type statusError struct {
	code       int
	asksToWait bool // there was a Retry-After, that is wait
	wait       time.Duration
}

func (e *statusError) Error() string {
	text := strconv.Itoa(e.code)
	if name := http.StatusText(e.code); name != "" {
		text += " " + name
	}
	if e.asksToWait {
		text += fmt.Sprintf(", retry after %v", e.wait)
	}
	return text
}

// checkStatus returns a *statusError unless the answer is a success.
func checkStatus(resp *http.Response) error {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	e := &statusError{code: resp.StatusCode}
	e.wait, e.asksToWait = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	return e
}

// parseRetryAfter reads a Retry-After header: a number of seconds or a date.
func parseRetryAfter(value string, now time.Time) (wait time.Duration, ok bool) {
	seconds, err := strconv.ParseUint(value, 10, 32)
	if err == nil || errors.Is(err, strconv.ErrRange) { // out of range: long, anyway
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(0, date.Sub(now).Round(time.Second)), true
}

// errRedirect is a redirect that is not followed, now or ever.
var errRedirect = errors.New("redirect not followed")

// redirectPolicy follows up to limit redirects, to where we can go.
func redirectPolicy(limit int) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		switch {
		case len(via) > limit:
			return fmt.Errorf("%w: that would be more than %d", errRedirect, limit)
		case !speaks(req.URL):
			return fmt.Errorf("%w: to %s://", errRedirect, req.URL.Scheme)
		}
		return nil
	}
}
