package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/schollz/progressbar/v3"
)

// progress shows how far the work has come. Only tasks call its methods, one
// at a time, so plain fields do.
type progress struct {
	bar     *progressbar.ProgressBar // nil: nothing is shown
	running int
}

// newProgress returns a bar on w for so many URLs, or one that is not to be
// seen.
func newProgress(w io.Writer, total int, visible bool) *progress {
	if !visible || total == 0 {
		return &progress{}
	}
	return &progress{bar: progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionThrottle(50*time.Millisecond),
		progressbar.OptionUseANSICodes(true),
	)}
}

// keepDrawing draws the bar until it is canceled, so that its clock goes on
// while all servers keep us waiting.
func (p *progress) keepDrawing(ctx context.Context) error {
	if p.bar == nil {
		return nil
	}
	for {
		p.bar.Describe(fmt.Sprintf("fetching %d at once", p.running))
		if err := asyncio.Sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// begin counts a URL that is being fetched from now on.
func (p *progress) begin() { p.running++ }

// end counts a URL that begin has counted, as done.
func (p *progress) end() {
	p.running--
	p.skip()
}

// skip counts a URL as done that was never begun.
func (p *progress) skip() {
	if p.bar != nil {
		p.bar.Add(1)
	}
}

// clear wipes the bar off the terminal.
func (p *progress) clear() {
	if p.bar != nil {
		p.bar.Clear()
	}
}
