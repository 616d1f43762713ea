package remote

import (
	"encoding/json"
	"time"

	"github.com/asyncio-go/asyncio/remote/internal/protocol"
	"github.com/nats-io/nats.go"
)

// The headers of a job. Its body is the input, as the function's Encoding writes it.
const (
	headerEncoding = "Asyncio-Encoding"
	headerTimeLeft = protocol.HeaderTimeLeft // until the deadline of Submit's context: a duration, because clocks differ
	headerEvents   = "Asyncio-Events"        // not empty: the client wants to hear when it begins
	headerRetryOf  = protocol.HeaderRetryOf  // the id of the failed job that this one repeats
)

// The headers of a result. Its body is the output, or a failure as JSON.
const (
	headerOutcome = protocol.HeaderOutcome
	headerWorker  = protocol.HeaderWorker
	headerAttempt = protocol.HeaderAttempt
	headerFunc    = "Asyncio-Func"       // whose job it was, as F=V: an id may have been used for another
	headerTook    = "Asyncio-Took"       // how long the last attempt has run
	headerError   = protocol.HeaderError // of a failure that is kept: the first line of what was said
)

// Headers that JetStream reads.
const (
	headerMsgID    = nats.MsgIdHdr // refuses a second message with the same one, for two minutes
	headerExpected = nats.ExpectedLastSubjSeqHdr
	headerTTL      = nats.MsgTTLHdr
)

// notThere, in headerExpected, lets a message be stored only if its subject has none.
const notThere = protocol.NotThere

// An outcome says how a job has ended.
type outcome string

const (
	outcomeOK       outcome = "ok"
	outcomeError    outcome = "error"
	outcomeCanceled outcome = "canceled"
	outcomeDied     outcome = "died"    // ErrWorkerDied
	outcomeExpired  outcome = "expired" // ErrExpired
)

// A failure is the body of a result with outcomeError.
type failure struct {
	Type    string   `json:"type"`
	Message string   `json:"message"`
	Stack   string   `json:"stack,omitempty"`
	Is      []string `json:"is,omitempty"` // the names of registered errors that it is
}

// A note is what is known about the attempts of a job, in addition to how often it was
// delivered. It is written only when there is something to note.
type note struct {
	Seq      uint64 `json:"seq"`               // of the job in its stream: an id may be used again
	Returned int    `json:"returned"`          // deliveries that ended with the job given back: after an error, while its worker ended, or unbegun
	Failed   int    `json:"failed,omitempty"`  // how many of these were errors of the function
	Unbegun  int    `json:"unbegun,omitempty"` // how many of these had not begun, because there was no slot
	Began    int    `json:"began,omitempty"`   // deliveries whose function has begun; only of a function that is NotIdempotent
	By       int    `json:"by,omitempty"`      // the delivery that has written it
}

// An event is what a worker tells the client of a job while it runs.
type event struct {
	Began    bool            `json:"began,omitempty"`
	Left     bool            `json:"left,omitempty"`   // the attempt is over, and the job is given back: there is no result
	Claims   bool            `json:"claims,omitempty"` // it has heard that the job is to be canceled, and will end it
	Progress json.RawMessage `json:"progress,omitempty"`
	Worker   string          `json:"worker,omitempty"`
	Attempt  int             `json:"attempt,omitempty"`
}

// An Announcement is what a worker answers when it is asked what it does.
type Announcement struct {
	Worker    string    `json:"worker"`
	Host      string    `json:"host"`
	PID       int       `json:"pid"`
	Parallel  int       `json:"parallel"`
	Draining  bool      `json:"draining"`
	Since     time.Time `json:"since"`
	Done      uint64    `json:"done"`      // how many jobs it has ended
	Functions []string  `json:"functions"` // as name=version
	Running   []Running `json:"running"`
}

// Running is a job that a worker runs.
type Running struct {
	Client   string        `json:"client"`
	ID       string        `json:"id"`
	Function string        `json:"function"` // as name=version
	Attempt  int           `json:"attempt"`
	For      time.Duration `json:"for"`  // how long, by the worker's clock
	Lost     bool          `json:"lost"` // it has lost the lease, and someone else may run the job
}
