package trace_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/trace"
)

func TestX(t *testing.T) {
	r := trace.New()
	asynciotest.Run(t, story, asynciotest.LoopOptions(r.Observe()))
	rec := r.Recording()
	for e := range rec.Events() {
		fmt.Println(e)
	}
	var b bytes.Buffer
	rec.Timeline(&b, 80)
	fmt.Println(b.String())
	b.Reset()
	rec.WriteJSON(&b)
	fmt.Println(b.String())
}
