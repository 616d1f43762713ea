package embedded_test

import (
	"context"
	"fmt"
	"os"

	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go/jetstream"
)

// A server keeps its streams in a directory, and works on the same one again.
func ExampleStart() {
	dir, err := os.MkdirTemp("", "jobs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for range 2 {
		if err := addJob(dir); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// jobs in the stream: 1
	// jobs in the stream: 2
}

func addJob(dir string) (err error) {
	server, err := embedded.Start(dir, embedded.InProcess())
	if err != nil {
		return err
	}
	defer func() {
		if closing := server.Close(); err == nil {
			err = closing
		}
	}()
	nc, err := server.Conn()
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if _, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "JOBS", Subjects: []string{"jobs.>"}}); err != nil {
		return err
	}
	ack, err := js.Publish(ctx, "jobs.a", nil)
	if err != nil {
		return err
	}
	fmt.Println("jobs in the stream:", ack.Sequence)
	return nil
}
