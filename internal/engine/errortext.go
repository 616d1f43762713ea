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

// ErrorText returns what an error says, in at most a line or two, for those who watch. Any
// goroutine may call it, but not one that has a lock which the error may want. An error is code of the user's,
// and it is not the loop that is to fail because of that. One that panics, calls
// Goexit, or suspends is told as such. Nothing can stop a Goexit, so an error that may
// do so is asked on a goroutine of its own, which is the loop's meanwhile. One that blocks
// blocks the loop, as all code does that runs there: as it may use the loop, that cannot
// go on without it.
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

// asked asks an error on another goroutine.
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
