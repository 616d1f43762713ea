package http

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/adapters/asynciohttp"
)

// ANCHOR: rooms
// serveRooms serves until the process is told to end, with SIGTERM or Ctrl-C.
func serveRooms(server *http.Server) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		rooms := map[string]int{} // of the loop: no lock
		mux := http.NewServeMux()
		mux.Handle("/join/{room}", asynciohttp.Handler(ctx, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			room := r.PathValue("room")
			rooms[room]++
			_, err := fmt.Fprintln(w, room, "has", rooms[room], "visitors")
			return err
		}))
		mux.Handle("/static/", http.FileServer(http.Dir("."))) // on net/http's goroutines, as ever
		server.Handler = mux
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			serving := tg.Go(func(ctx context.Context) error {
				return asynciohttp.ListenAndServe(ctx, server, asynciohttp.GracePeriod(10*time.Second))
			})
			for _, err := range asyncio.Signals(ctx, syscall.SIGTERM, os.Interrupt) {
				if err != nil {
					return err
				}
				serving.Cancel() // accepts no more, and lets requests end, for which the group waits
				break
			}
			return nil
		})
	})
}

// ANCHOR_END: rooms
