package ecosystem

import (
	"context"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: replies
// replies are calls that wait for a message each, with a future. For the loop only.
type replies struct {
	waiting map[string]*asyncio.Future[string]
	numbers int
}

func newReplies() *replies { return &replies{waiting: map[string]*asyncio.Future[string]{}} }

// call sends a text under a new number, and waits for the reply to it.
func (r *replies) call(ctx context.Context, send func(number string) error) (string, error) {
	r.numbers++
	number := strconv.Itoa(r.numbers)
	reply := asyncio.NewFuture[string](ctx)
	r.waiting[number] = reply
	defer delete(r.waiting, number)
	if err := send(number); err != nil {
		return "", err
	}
	return reply.Await(ctx)
}

// take takes a reply. One that no one waits for any more is dropped.
func (r *replies) take(number, text string) {
	if f := r.waiting[number]; f != nil && !f.Done() {
		_ = f.SetResult(text)
	}
}

// fail ends all calls: their connection is lost.
func (r *replies) fail(err error) {
	for _, f := range r.waiting {
		if !f.Done() {
			_ = f.SetError(err)
		}
	}
}

// ANCHOR_END: replies

// numbered puts the number of a call in front of its message.
func numbered(number, text string) string { return number + " " + text }

func splitNumber(message string) (number, text string) {
	number, text, _ = strings.Cut(message, " ")
	return number, text
}
