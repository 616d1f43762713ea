package govet

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Findings are what go vet has found.
type Findings struct {
	units map[string]map[string]json.RawMessage // package, analyzer: a list of findings
	all   []finding
}

type finding struct {
	file         string
	line, column int
	message      string
}

// read reads the output of go vet -json: an object for each package, in the order in which
// they were ready.
func read(text []byte) (*Findings, error) {
	f := &Findings{units: map[string]map[string]json.RawMessage{}}
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var units map[string]map[string]json.RawMessage
		if err := d.Decode(&units); err == io.EOF {
			break
		} else if err != nil {
			return f, fmt.Errorf("its output is no JSON: %w", err)
		}
		for name, unit := range units {
			f.units[name] = unit
			if err := f.add(unit); err != nil {
				return f, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	f.sort()
	return f, nil
}

func (f *Findings) add(unit map[string]json.RawMessage) error {
	for _, text := range unit {
		var failed struct{ Error string }
		if json.Unmarshal(text, &failed) == nil {
			return errors.New(failed.Error)
		}
		var list []struct{ Posn, Message string }
		if err := json.Unmarshal(text, &list); err != nil {
			return err
		}
		for _, one := range list {
			f.all = append(f.all, parse(one.Posn, one.Message))
		}
	}
	return nil
}

// parse takes a position apart: FILE:LINE:COLUMN.
func parse(position, message string) finding {
	rest, column := cutNumber(position)
	file, line := cutNumber(rest)
	return finding{file, line, column, message}
}

func cutNumber(s string) (before string, number int) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0
	}
	number, _ = strconv.Atoi(s[i+1:])
	return s[:i], number
}

// sort orders the findings, and removes those that two packages share: a package and its
// tests.
func (f *Findings) sort() {
	slices.SortFunc(f.all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column), cmp.Compare(a.message, b.message))
	})
	f.all = slices.Compact(f.all)
}

// Empty reports whether nothing was found.
func (f *Findings) Empty() bool { return len(f.all) == 0 }

// Text returns the findings, each as a line, with files as they are called from here.
func (f *Findings) Text() string {
	var b strings.Builder
	here, _ := os.Getwd()
	for _, one := range f.all {
		fmt.Fprintf(&b, "%s:%d:%d: %s\n", short(here, one.file), one.line, one.column, one.message)
	}
	return b.String()
}

// short returns the shorter one of a file's names: in full, or from a directory.
func short(here, file string) string {
	if rel, err := filepath.Rel(here, file); here != "" && err == nil && len(rel) < len(file) {
		return rel
	}
	return file
}

// JSON returns the findings as go vet -json prints them, but in one object, and in order.
func (f *Findings) JSON() string {
	text, err := json.MarshalIndent(f.units, "", "\t")
	if err != nil {
		panic(err) // it was JSON when it came
	}
	return string(text) + "\n"
}
