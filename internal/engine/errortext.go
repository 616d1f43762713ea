package engine

import (
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// longestText bounds the texts of errors.
const longestText = 200

// ErrorText returns what an error says, in at most a line or two, for those who watch.
// Any goroutine may call it, but not one that holds a lock which the error may need. The
// Error method is code of the user's, and must not make the loop fail. If it panics,
// calls Goexit, or suspends, the text says so. Nothing can stop a Goexit, so an unknown
// Error method runs on a goroutine of its own, which counts as the loop's meanwhile. If
// it blocks, it blocks the loop, as all code does that runs there: it may use the loop,
// so the loop cannot go on beside it.
func (l *Loop) ErrorText(err error) string {
	if saysItself(err) {
		return shorten(err.Error())
	}
	if !l.OnLoop() {
		return shorten(<-asked(err, func() {}))
	}
	mine := l.goroutine.Get()
	defer l.goroutine.Set(mine)
	text := ""
	ask := func() { text = <-asked(err, func() { l.goroutine.Set(coro.GoroutineID()) }) }
	if t := l.current; t != nil && t.worker != nil {
		l.NoSuspend(ask)
	} else {
		ask()
	}
	return shorten(text)
}

// asked calls the Error method on another goroutine.
func asked(err error, begin func()) <-chan string {
	said := make(chan string, 1)
	go func() {
		text := "an error that ends the goroutine which asks it what it is"
		defer func() {
			if recover() != nil {
				text = "an error that panics when it is asked what it is"
			}
			said <- text
		}()
		begin()
		text = err.Error()
	}()
	return said
}

// saysItself reports whether an error is of a kind that only returns a string which it has.
func saysItself(err error) bool {
	t := reflect.TypeOf(err)
	return t == errorString || t == wrapError || t == wrapErrors
}

var (
	errorString = reflect.TypeOf(ErrGoexit)
	wrapError   = reflect.TypeOf(fmt.Errorf("%w", ErrGoexit))
	wrapErrors  = reflect.TypeOf(fmt.Errorf("%w, %w", ErrGoexit, errors.ErrUnsupported))
)

// shorten cuts a text that is too long, and not in the middle of a character.
func shorten(text string) string {
	if len(text) <= longestText {
		return text
	}
	end := longestText
	for end > longestText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "..."
}
