package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/console"
)

// A program starts a console, and another one, here a goroutine beside the loop, asks
// what a task waits for. The command asks the same: asyncio ps, asyncio top.
func ExampleStart() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		var address net.Addr
		stop, err := console.Start(ctx, console.TCP("127.0.0.1:0"), console.OnListen(func(a net.Addr) { address = a }))
		if err != nil {
			return err
		}
		defer stop()

		jobs := asyncio.NewQueue[string](10)
		jobs.SetName("jobs")
		worker := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := jobs.Get(ctx)
			return err
		}, asyncio.Name("worker"))
		defer worker.Cancel()

		tasks, err := asyncio.ToThread(ctx, func(context.Context) (map[string]string, error) {
			return waits("http://" + address.String() + "/v1/snapshot")
		})
		fmt.Println("the worker waits for", tasks["worker"])
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// the worker waits for queue get "jobs"
}

// waits asks a console what each task waits for.
func waits(url string) (map[string]string, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var snapshot struct {
		Tasks []struct {
			Name string
			Wait *struct{ Text string }
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&snapshot); err != nil {
		return nil, err
	}
	tasks := map[string]string{}
	for _, t := range snapshot.Tasks {
		if t.Wait != nil {
			tasks[t.Name] = t.Wait.Text
		}
	}
	return tasks, nil
}

// A program that has a server of its own puts the console beside its other pages.
func ExampleHandler() {
	const secret = "8a4f1c0be9d27356"
	mux := http.NewServeMux()
	mux.Handle("/console/", http.StripPrefix("/console", console.Handler(console.Token(secret))))
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, token := range []string{"a guess", secret} {
		ask, err := http.NewRequest("GET", server.URL+"/console/v1/hello", nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		ask.Header.Set("Authorization", "Bearer "+token)
		answer, err := server.Client().Do(ask)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(answer.Status)
		answer.Body.Close()
	}
	// Output:
	// 401 Unauthorized
	// 200 OK
}
