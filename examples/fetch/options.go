package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/pflag"
)

// options is what the flags say.
type options struct {
	limit        int           // URLs in flight at once
	timeout      time.Duration // for one attempt
	retries      int           // further attempts after the first
	backoff      time.Duration // pause before the second attempt; doubles
	maxWait      time.Duration // longest pause
	maxRedirects int
	userAgent    string
	json         bool
	noProgress   bool
}

var defaults = options{
	limit:        10,
	timeout:      10 * time.Second,
	retries:      2,
	backoff:      500 * time.Millisecond,
	maxWait:      30 * time.Second,
	maxRedirects: 10,
	userAgent:    "asyncio-go-fetch/1.0",
}

// bind ties the options to flags. What they hold now are the defaults.
func (o *options) bind(f *pflag.FlagSet) {
	f.IntVarP(&o.limit, "limit", "n", o.limit, "how many URLs to fetch at once")
	f.DurationVarP(&o.timeout, "timeout", "t", o.timeout, "time limit for each attempt")
	f.IntVarP(&o.retries, "retries", "r", o.retries, "how many times to try again")
	f.DurationVarP(&o.backoff, "backoff", "b", o.backoff, "pause before trying again; doubles each time")
	f.DurationVar(&o.maxWait, "max-wait", o.maxWait, "longest pause; a server that asks for a longer one is given up")
	f.IntVar(&o.maxRedirects, "max-redirects", o.maxRedirects, "how many redirects to follow")
	f.StringVarP(&o.userAgent, "user-agent", "A", o.userAgent, "how to introduce ourselves to servers")
	f.BoolVar(&o.json, "json", o.json, "print JSON instead of a table")
	f.BoolVar(&o.noProgress, "no-progress", o.noProgress, "draw no progress bar, on a terminal either")
	f.SortFlags = false
}

// check returns an error that says which flag has a value that cannot be.
func (o *options) check() error {
	switch {
	case o.limit < 1:
		return fmt.Errorf("--limit %d: at least 1 is needed", o.limit)
	case o.timeout <= 0:
		return fmt.Errorf("--timeout %v: must be longer than nothing", o.timeout)
	case o.retries < 0:
		return fmt.Errorf("--retries %d: cannot be negative", o.retries)
	case o.backoff < 0:
		return fmt.Errorf("--backoff %v: cannot be negative", o.backoff)
	case o.maxWait < 0:
		return fmt.Errorf("--max-wait %v: cannot be negative", o.maxWait)
	case o.maxRedirects < 0:
		return fmt.Errorf("--max-redirects %d: cannot be negative", o.maxRedirects)
	case strings.ContainsFunc(o.userAgent, unicode.IsControl):
		return fmt.Errorf("--user-agent %q: cannot hold control characters", o.userAgent)
	}
	return nil
}
