//go:build linux

package control

import (
	"bufio"
	"encoding/json"
	"io"
)

// Answer is the child's side: it answers each line of in until there are no
// more.
func Answer(in io.Reader, out io.Writer, answer func(order string) (any, error)) error {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		a, err := answer(lines.Text())
		if err != nil {
			a = struct{ Error string }{err.Error()}
		}
		if err := Say(out, a); err != nil {
			return err
		}
	}
	return nil
}

// Say writes an answer.
func Say(out io.Writer, answer any) error { return json.NewEncoder(out).Encode(answer) }
