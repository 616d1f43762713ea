// Package protocol is what package remote and those that look at its streams have to agree on:
// the names of streams, subjects and headers. See docs/design/remote.md.
package protocol

import (
	"fmt"
	"regexp"
	"strings"
)

// validName is what names of functions, versions, clients, jobs and prefixes look like: they
// become parts of subjects, of streams and of files.
var validName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// MaxName is how long a name may be.
const MaxName = 64

// CheckName returns an error for a text that is no name.
func CheckName(what, s string) error {
	if validName.MatchString(s) {
		return nil
	}
	return fmt.Errorf("remote: %s %q: use 1 to 64 of the characters A-Z, a-z, 0-9, _ and -", what, s)
}

// Names are the streams and subjects of a prefix.
type Names string

// The streams.
func (n Names) Jobs() string     { return string(n) + "_JOBS" }
func (n Names) Results() string  { return string(n) + "_RESULTS" }
func (n Names) Failures() string { return string(n) + "_FAILURES" }

// Consumer is the name of the consumer that all workers of a function share.
func Consumer(fn, version string) string { return fn + "=" + version }

// FunctionOf is Consumer backwards.
func FunctionOf(consumer string) (fn, version string, ok bool) {
	return strings.Cut(consumer, "=")
}

// The subjects of jobs, of their results, and of those that have failed.
func (n Names) Job(fn, version, client, id string) string {
	return n.subject("job", fn, version, client, id)
}
func (n Names) JobsOf(fn, version string) string { return n.subject("job", fn, version, ">") }
func (n Names) Result(client, id string) string  { return n.subject("result", client, id) }
func (n Names) Failure(fn, version, client, id string) string {
	return n.subject("failure", fn, version, client, id)
}

// Workers is the subject, not stored, on which workers answer what they do.
func (n Names) Workers() string { return n.subject("workers") }

func (n Names) subject(parts ...string) string {
	return string(n) + "." + strings.Join(parts, ".")
}

// Job are the names in the subject of a job, or of one that has failed.
type Job struct{ Function, Version, Client, ID string }

// Parse reads such a subject. The names have no dots, so there is one way to do it.
func (n Names) Parse(subject string) (Job, bool) {
	rest, ok := strings.CutPrefix(subject, string(n)+".")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 5 || parts[0] != "job" && parts[0] != "failure" {
		return Job{}, false
	}
	return Job{parts[1], parts[2], parts[3], parts[4]}, true
}

// Headers of jobs, results and failures.
const (
	HeaderTimeLeft = "Asyncio-Time-Left"
	HeaderRetryOf  = "Asyncio-Retry-Of"
	HeaderOutcome  = "Asyncio-Outcome"
	HeaderWorker   = "Asyncio-Worker"
	HeaderAttempt  = "Asyncio-Attempt"
	HeaderError    = "Asyncio-Error"
)

// NotThere, in the header for the expected last sequence of a subject, lets a message be
// stored only if its subject has none.
const NotThere = "0"
