package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/asyncio-go/asyncio/streams"
)

// A message is a request of one node to another, or the answer to it. It travels as a
// line of JSON, so that nc can ask as well.
type message struct {
	Kind    string `json:"kind"` // askVote, tellLeader or answer
	Term    int    `json:"term"`
	From    int    `json:"from"`              // the node that has sent it
	Granted bool   `json:"granted,omitempty"` // in an answer: it has the vote
}

const (
	askVote    = "vote" // From wants to lead in Term
	tellLeader = "lead" // From leads in Term
	answer     = "answer"
)

// longestMessage is how many bytes a line may have.
const longestMessage = 200

func send(w io.Writer, m message) error {
	line, err := json.Marshal(m)
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	return err
}

func receive(r *streams.Reader) (m message, err error) {
	line, err := r.ReadLine()
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(line, &m); err != nil {
		return m, fmt.Errorf("not a message: %q: %w", line, err)
	}
	return m, nil
}
