package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// report prints the rows, as JSON or as a table.
func report(w io.Writer, rows []result, asJSON bool) error {
	if asJSON {
		return writeJSON(w, rows)
	}
	return writeTable(w, rows)
}

// exitStatus is the exit status that the rows deserve.
func exitStatus(rows []result) int {
	switch t := total(rows); {
	case t.canceled > 0:
		return exitInterrupted
	case t.failed > 0:
		return exitFailed
	}
	return exitOK
}

// writeTable prints a table for people, with the sums below.
func writeTable(w io.Writer, rows []result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STATUS\tBYTES\tTIME\tTRIES\tURL\tERROR")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%d\t%v\t%d\t%s\t%s\n",
			statusText(r), r.Bytes, r.Time.Round(time.Millisecond), r.Attempts,
			printable(r.URL), printable(errorText(r)))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%v\n", total(rows))
	return err
}

// jsonRow is a row for programs.
type jsonRow struct {
	Line     int     `json:"line"`
	URL      string  `json:"url"`
	OK       bool    `json:"ok"`
	Status   int     `json:"status,omitzero"`
	Bytes    int64   `json:"bytes"`
	Time     float64 `json:"time"` // in seconds
	Attempts int     `json:"attempts"`
	Error    string  `json:"error,omitzero"`
	Canceled bool    `json:"canceled,omitzero"`
}

// writeJSON prints an array of rows for programs.
func writeJSON(w io.Writer, rows []result) error {
	out := make([]jsonRow, len(rows)) // not nil: no rows are [], not null
	for i, r := range rows {
		seconds := float64(r.Time.Round(time.Millisecond).Milliseconds()) / 1000 // prints as 1.235
		out[i] = jsonRow{r.Line, r.URL, r.ok(), r.Status, r.Bytes, seconds, r.Attempts, errorText(r), r.canceled()}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // URLs are full of &
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// totals counts rows.
type totals struct {
	all, ok, failed, canceled int
	bytes                     int64
}

func total(rows []result) totals {
	t := totals{all: len(rows)}
	for _, r := range rows {
		t.bytes += r.Bytes
		switch {
		case r.ok():
			t.ok++
		case r.canceled():
			t.canceled++
		default:
			t.failed++
		}
	}
	return t
}

// String returns "3 URLs: 1 ok, 1 failed, 1 canceled; 123 bytes".
func (t totals) String() string {
	parts := []string{fmt.Sprintf("%d ok", t.ok)}
	if t.failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", t.failed))
	}
	if t.canceled > 0 {
		parts = append(parts, fmt.Sprintf("%d canceled", t.canceled))
	}
	return fmt.Sprintf("%s: %s; %s", plural(int64(t.all), "URL"), strings.Join(parts, ", "), plural(t.bytes, "byte"))
}

func plural(n int64, word string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", word)
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func statusText(r result) string {
	if r.Status == 0 {
		return "-"
	}
	return strconv.Itoa(r.Status)
}

func errorText(r result) string {
	if r.ok() {
		return ""
	}
	return r.Err.Error()
}

// printable replaces what could break the table or play tricks on a terminal:
// the text comes from a file, or from a server.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
