package http

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"testing"
)

// A server that is told to end has not failed.
func TestRoomsEndInOrder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: a process cannot interrupt itself here")
	}
	address := make(chan string, 1)
	server := &http.Server{Addr: "127.0.0.1:0", BaseContext: func(l net.Listener) context.Context {
		address <- l.Addr().String()
		return context.Background()
	}}
	ended := make(chan error, 1)
	go func() { ended <- serveRooms(server) }()
	select {
	case at := <-address:
		response, err := http.Get("http://" + at + "/join/attic")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if text, err := io.ReadAll(response.Body); err != nil || string(text) != "attic has 1 visitors\n" {
			t.Errorf("%q, %v", text, err)
		}
		this, err := os.FindProcess(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if err := this.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	case err := <-ended:
		t.Fatal("it did not serve:", err)
	}
}
