package streams_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// onBothEnds runs a task at each end of a connection, and waits for both.
func onBothEnds(t *testing.T, client, server func(ctx context.Context, conn *streams.Conn) error) {
	onPair(t, func(ctx context.Context, t *testing.T, c, s *streams.Conn) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error { return client(ctx, c) })
			tg.Go(func(ctx context.Context) error { return server(ctx, s) })
			return nil
		})
		expectError(t, "the conversation", err, nil)
	})
}

// The standard library works on a Conn as it is.
func TestLibraries(t *testing.T) {
	t.Run("bufio", func(t *testing.T) {
		const lines = 1000
		onBothEnds(t, func(_ context.Context, conn *streams.Conn) error {
			w := bufio.NewWriter(conn)
			for i := range lines {
				fmt.Fprintln(w, "line", i)
			}
			return w.Flush()
		}, func(_ context.Context, conn *streams.Conn) error {
			s := bufio.NewScanner(conn)
			for i := range lines {
				if want := fmt.Sprintln("line", i); !s.Scan() || s.Text()+"\n" != want {
					return fmt.Errorf("it read %q, want %q", s.Text(), want)
				}
			}
			return s.Err()
		})
	})
	t.Run("io.Copy", func(t *testing.T) {
		text := bytes.Repeat([]byte("0123456789"), 200_000)
		onBothEnds(t, func(ctx context.Context, conn *streams.Conn) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(context.Context) error {
					if _, err := io.Copy(conn, bytes.NewReader(text)); err != nil {
						return err
					}
					return conn.CloseWrite()
				})
				var back bytes.Buffer
				if _, err := io.Copy(&back, conn); err != nil || !bytes.Equal(back.Bytes(), text) {
					return fmt.Errorf("%d bytes came back: %v", back.Len(), err)
				}
				return nil
			})
		}, func(_ context.Context, conn *streams.Conn) error {
			_, err := io.Copy(conn, conn)
			_ = conn.CloseWrite()
			return err
		})
	})
	t.Run("net/textproto", func(t *testing.T) {
		onBothEnds(t, func(_ context.Context, conn *streams.Conn) error {
			c := textproto.NewConn(conn)
			if _, _, err := c.ReadCodeLine(220); err != nil {
				return err
			}
			if _, err := c.Cmd("DATA"); err != nil {
				return err
			}
			if _, _, err := c.ReadCodeLine(354); err != nil {
				return err
			}
			w := c.DotWriter()
			fmt.Fprint(w, "one\n.two\n")
			return w.Close()
		}, func(_ context.Context, conn *streams.Conn) error {
			c := textproto.NewConn(conn)
			_ = c.PrintfLine("220 ready")
			if line, err := c.ReadLine(); line != "DATA" || err != nil {
				return fmt.Errorf("the command is %q, %v", line, err)
			}
			_ = c.PrintfLine("354 go on")
			lines, err := c.ReadDotLines()
			if strings.Join(lines, "|") != "one|.two" {
				return fmt.Errorf("it read %q", lines)
			}
			return err
		})
	})
	t.Run("encoding/json", func(t *testing.T) {
		type message struct{ N int }
		onBothEnds(t, func(_ context.Context, conn *streams.Conn) error {
			in, out := json.NewDecoder(conn), json.NewEncoder(conn)
			for i := range 100 {
				var back message
				if err := out.Encode(message{i}); err != nil {
					return err
				}
				if err := in.Decode(&back); err != nil || back.N != i+1 {
					return fmt.Errorf("%d came back for %d: %v", back.N, i, err)
				}
			}
			return conn.Close()
		}, func(_ context.Context, conn *streams.Conn) error {
			in, out := json.NewDecoder(conn), json.NewEncoder(conn)
			for {
				var m message
				if err := in.Decode(&m); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
				if err := out.Encode(message{m.N + 1}); err != nil {
					return err
				}
			}
		})
	})
	t.Run("http.ReadRequest", func(t *testing.T) {
		onBothEnds(t, func(_ context.Context, conn *streams.Conn) error {
			request := must(http.NewRequest("POST", "http://example/path", strings.NewReader("body")))(t)
			if err := request.Write(conn); err != nil {
				return err
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), request)
			if err != nil {
				return err
			}
			body, err := io.ReadAll(response.Body)
			if string(body) != "/path body" {
				return fmt.Errorf("the response is %q", body)
			}
			return err
		}, func(_ context.Context, conn *streams.Conn) error {
			request, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil {
				return err
			}
			body, err := io.ReadAll(request.Body)
			if err != nil {
				return err
			}
			text := request.URL.Path + " " + string(body)
			response := http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text))}
			return response.Write(conn)
		})
	})
	t.Run("http.Transport and http.Server, on goroutines of their own", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(w, r.Body)
				})}
				served := make(chan error, 1)
				go func() { served <- server.Serve(l) }()
				transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
					return streams.Dial(ctx, network, address)
				}}
				client := http.Client{Transport: transport}
				for i := range 20 {
					text := fmt.Sprint("request ", i)
					got, err := asyncio.ToThread(ctx, func(ctx context.Context) (string, error) {
						request, err := http.NewRequestWithContext(ctx, "POST", "http://"+l.Addr().String(), strings.NewReader(text))
						if err != nil {
							return "", err
						}
						response, err := client.Do(request)
						if err != nil {
							return "", err
						}
						defer response.Body.Close()
						body, err := io.ReadAll(response.Body)
						return string(body), err
					})
					if got != text || err != nil {
						t.Fatalf("the response is %q, %v; want %q", got, err, text)
					}
				}
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
					transport.CloseIdleConnections()
					_ = server.Close()
					if err := <-served; err != http.ErrServerClosed {
						return 0, err
					}
					return 0, nil
				})
				return err
			})
		})
	})
}
