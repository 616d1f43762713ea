package remote

import "encoding/json"

// An Encoding turns inputs and outputs into bytes and back. Both ends have to have it: its
// name travels with a job. Choose none that can run code which comes with the bytes, as
// pickle does in Python. Methods are called on several goroutines at once.
type Encoding interface {
	Name() string
	Marshal(v any) ([]byte, error)
	Unmarshal(data []byte, v any) error
}

// JSON is the Encoding of functions without another one: package encoding/json.
var JSON Encoding = jsonEncoding{}

type jsonEncoding struct{}

func (jsonEncoding) Name() string                       { return "json" }
func (jsonEncoding) Marshal(v any) ([]byte, error)      { return json.Marshal(v) }
func (jsonEncoding) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }
