package droppediterationerror

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func serve(ctx context.Context, jobs *asyncio.Queue[string], do func(job string)) {
	for job, _ := range jobs.All(ctx) { // want `\(asyncio-dropped-iteration-error\)$`
		do(job)
	}
}

// ANCHOR_END: before

// ANCHOR: after

func serveAll(ctx context.Context, jobs *asyncio.Queue[string], do func(job string)) error {
	for job, err := range jobs.All(ctx) {
		if err != nil {
			return err
		}
		do(job)
	}
	return nil
}

// ANCHOR_END: after
