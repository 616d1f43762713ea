// Package subprocess is a lesson: a child process, and a loop that goes on.
package subprocess

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/asyncio-go/asyncio/subprocess"
)

//tour:begin

// read prints what the child has to say, as it comes.
func read(stdout *streams.Pipe) func(context.Context) error {
	return func(ctx context.Context) error {
		for line, err := range streams.NewReader(stdout, 0).Lines() {
			if err != nil {
				return err
			}
			lesson.Printf(ctx, "from the child: %s\n", bytes.TrimSpace(line))
		}
		return nil
	}
}

func main(ctx context.Context) error {
	pause := lesson.Duration(ctx, "pause", 500*time.Millisecond)
	//tour:focus
	cmd := subprocess.Command("sort") // prints its input, sorted
	stdin, err1 := cmd.StdinPipe(ctx)
	stdout, err2 := cmd.StdoutPipe(ctx)
	if err := errors.Join(err1, err2, cmd.Start(ctx)); err != nil {
		return err
	}
	//tour:end
	reader := asyncio.Go(ctx, read(stdout), asyncio.Name("reader"))
	words := []string{"tea", "rice", "apples"}[:lesson.Int(ctx, "words", 3)]
	for _, word := range words {
		lesson.Println(ctx, "to the child:", word)
		_, err := fmt.Fprintln(stdin, word)
		if err := errors.Join(err, asyncio.Sleep(ctx, pause)); err != nil {
			return err
		}
	}
	lesson.Println(ctx, "to the child: that is all")
	//tour:focus
	_ = stdin.Close()
	_, err := reader.Await(ctx)
	//tour:end
	if err := errors.Join(err, cmd.Wait(ctx)); err != nil {
		return err
	}
	lesson.Println(ctx, "the child has ended")
	return nil
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
