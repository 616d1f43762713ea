package remote

import "github.com/asyncio-go/asyncio/remote/internal/protocol"

func checkName(what, s string) error { return protocol.CheckName(what, s) }

// A jobKey tells a job from all others of a prefix.
type jobKey struct{ client, id string }

func (k jobKey) String() string { return k.client + "." + k.id }

// names are the streams and subjects of a prefix. See docs/design/remote.md.
type names struct{ prefix string }

// The streams.
func (n names) jobs() string     { return n.shared().Jobs() }
func (n names) results() string  { return n.shared().Results() }
func (n names) cancels() string  { return n.prefix + "_CANCELS" }
func (n names) notes() string    { return n.prefix + "_NOTES" }
func (n names) failures() string { return n.shared().Failures() }

// shared are those that others need as well.
func (n names) shared() protocol.Names { return protocol.Names(n.prefix) }

// consumer is the name of the consumer that all workers of a function share.
func consumer(fn, version string) string { return protocol.Consumer(fn, version) }

// The subjects that are stored, one for each job in each stream.
func (n names) job(fn, version string, k jobKey) string {
	return n.shared().Job(fn, version, k.client, k.id)
}
func (n names) jobsOf(fn, version string) string {
	return n.shared().JobsOf(fn, version)
}
func (n names) result(k jobKey) string         { return n.shared().Result(k.client, k.id) }
func (n names) resultsOf(client string) string { return n.prefix + ".result." + client + ".>" }
func (n names) cancel(k jobKey) string         { return n.prefix + ".cancel." + k.String() }
func (n names) note(k jobKey) string           { return n.prefix + ".note." + k.String() }
func (n names) failure(fn, version string, k jobKey) string {
	return n.shared().Failure(fn, version, k.client, k.id)
}

// event is the subject, not stored, on which a worker tells a client what happens to a
// job: see event.
func (n names) event(k jobKey) string         { return n.prefix + ".event." + k.String() }
func (n names) eventsOf(client string) string { return n.prefix + ".event." + client + ".>" }

// workers is the subject, not stored, on which workers answer what they do: see
// Announcement.
func (n names) workers() string { return n.shared().Workers() }
