package asyncio

import (
	"errors"
	"slices"
	"strings"
)

// ExceptIs divides err, leaf by leaf, into the errors that are one of the targets and the
// rest. A half without errors is nil. It is except* with errors.Is in place of a class:
//
//	missing, err := asyncio.ExceptIs(err, fs.ErrNotExist)
//
// An error branches if it holds several errors: an ExceptionGroup, what errors.Join
// returns, and others like them, also inside wrappers, which keep their message. A leaf
// is an error below which nothing branches. So err need not be a group: an error that
// does not branch is itself a leaf. Without targets, nothing matches. ExceptIs does not
// suspend, and any goroutine may call it. In Python: except*.
func ExceptIs(err error, targets ...error) (matching, rest error) {
	return splitLeaves(err, func(leaf error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(leaf, target) })
	})
}

// ExceptAs takes the errors of type E out of err, leaf by leaf, and returns what
// errors.As finds in each; rest is what is left of err, or nil:
//
//	timeouts, err := asyncio.ExceptAs[net.Error](err)
//
// See [ExceptIs] for what a leaf is. It does not suspend, and any goroutine may
// call it. In Python: except*.
func ExceptAs[E error](err error) (matching []E, rest error) {
	_, rest = splitLeaves(err, func(leaf error) bool {
		e, ok := errors.AsType[E](leaf)
		if ok {
			matching = append(matching, e)
		}
		return ok
	})
	return matching, rest
}

// splitLeaves divides err into the leaves that match and the others, each half in
// the shape of err. A half that is all of err is err itself.
func splitLeaves(err error, match func(error) bool) (matching, rest error) {
	if err == nil {
		return nil, nil
	}
	branches, wrapped, inner := branchesOf(err)
	switch {
	case len(branches) == 0 && match(err):
		return err, nil
	case len(branches) == 0:
		return nil, err
	}
	var yes, no []branch
	for _, b := range branches {
		m, r := splitLeaves(b.err, match)
		if m != nil {
			yes = append(yes, branch{b.index, m})
		}
		if r != nil {
			no = append(no, branch{b.index, r})
		}
	}
	switch {
	case len(no) == 0:
		return err, nil
	case len(yes) == 0:
		return nil, err
	default:
		matching, rest = partOf(inner, yes), partOf(inner, no)
		if wrapped {
			matching, rest = rewrap(err, inner, matching), rewrap(err, inner, rest)
		}
		return matching, rest
	}
}

// A branch is one of several errors in an error, with its place among them.
type branch struct {
	index int
	err   error
}

// branchesOf returns the branches of the first error in the chain of err that
// branches, and that error; none for a leaf. wrapped says that it is not err itself:
// errors cannot always be compared.
func branchesOf(err error) (branches []branch, wrapped bool, inner error) {
	for ; err != nil; wrapped = true {
		switch x := err.(type) {
		case interface{ Unwrap() []error }:
			for i, e := range x.Unwrap() {
				if e != nil {
					branches = append(branches, branch{i, e})
				}
			}
			return branches, wrapped, err
		case interface{ Unwrap() error }:
			err = x.Unwrap()
		default:
			return nil, false, nil
		}
	}
	return nil, false, nil
}

// partOf is an error that branches with only those of its branches that are left.
func partOf(err error, left []branch) error {
	if g, ok := err.(*ExceptionGroup); ok {
		return g.with(left)
	}
	errs := make([]error, len(left))
	for i, b := range left {
		errs[i] = b.err
	}
	return errors.Join(errs...)
}

// rewrap puts a part of inner in its place in err, which wraps it.
func rewrap(err, inner, part error) error {
	message := err.Error()
	if text := inner.Error(); text != "" {
		message = strings.Replace(message, text, part.Error(), 1)
	}
	return &wrappedPart{message, part}
}

// A wrappedPart is what is left of an error in a wrapper, of which only the
// message can be kept.
type wrappedPart struct {
	message string
	part    error
}

func (w *wrappedPart) Error() string { return w.message }
func (w *wrappedPart) Unwrap() error { return w.part }
