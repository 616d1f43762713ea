package ecosystem

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	grpcUnary  = "grpc, unary calls"
	grpcStream = "grpc, streams"
)

func TestGRPCClient(t *testing.T) {
	for library, call := range map[string]grpcCall{grpcUnary: unary, grpcStream: stream} {
		open := func(t *testing.T, s *Scene, options ...grpc.DialOption) *Client {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server := grpcServer(s)
			go func() { _ = server.Serve(l) }()
			t.Cleanup(server.Stop)
			proxy := NewProxy(t, l.Addr().String())
			s.Kill = proxy.Kill
			return grpcClient(t, proxy.Addr(), call, options...)
		}
		t.Run(library, func(t *testing.T) {
			Case{Library: library + ", client", Way: toThread, OwnErrors: true,
				Note: "grpc watches the deadline of ctx as well, and may be first",
				Open: func(_ context.Context, t *testing.T, s *Scene) *Client { return inThread(open(t, s)) },
			}.Test(t)
			Case{Library: library + ", client", Way: direct, Blocks: "a call waits on channels for goroutines of the transport" + neverEnds,
				Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
					dial := streams.DialShared(ctx)
					return open(t, s, grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
						return dial(ctx, "tcp", address)
					}))
				}}.Test(t)
		})
	}
}

func TestGRPCServer(t *testing.T) {
	for library, call := range map[string]grpcCall{grpcUnary: unary, grpcStream: stream} {
		t.Run(library, func(t *testing.T) {
			Case{Library: library + ", server", Way: serverGoroutine, Note: "`GracefulStop` in ToThread",
				Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
					l, address := listen(ctx, t, s)
					server := grpcServer(s)
					served := make(chan error, 1)
					go func() { served <- server.Serve(l) }()
					return endsWith(inThread(grpcClient(t, address, call)), func(ctx context.Context) error {
						err := asyncio.ToThreadFunc(ctx, func(context.Context) error { server.GracefulStop(); return nil })
						if err != nil {
							return err
						}
						err, _, _ = asyncio.Receive(ctx, served)
						return err
					})
				}}.Test(t)
			Case{Library: library + ", server", Way: serverTask, Note: "Serve ends when its task is canceled; then `Stop` in ToThread",
				Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
					l, address := listen(ctx, t, s)
					server := grpcServer(s)
					serving := asyncio.Go(ctx, func(context.Context) error { return server.Serve(l) })
					return endsWith(inThread(grpcClient(t, address, call)), func(ctx context.Context) error {
						serving.Cancel()
						if _, err := serving.Await(ctx); err == nil {
							t.Error("Serve in a task that is canceled returned nil")
						}
						return asyncio.ToThreadFunc(ctx, func(context.Context) error { server.Stop(); return nil })
					})
				}}.Test(t)
		})
	}
}

// grpcServer answers calls, and streams of one call and one answer. What protoc would
// generate is written by hand.
func grpcServer(s *Scene) *grpc.Server {
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "Echo",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "Unary",
			Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				var in wrapperspb.StringValue
				if err := decode(&in); err != nil {
					return nil, err
				}
				answer, err := s.Answer(ctx, in.Value)
				return wrapperspb.String(answer), err
			},
		}},
		Streams: []grpc.StreamDesc{{
			StreamName:    "Stream",
			ServerStreams: true,
			ClientStreams: true,
			Handler: func(_ any, stream grpc.ServerStream) error {
				var in wrapperspb.StringValue
				if err := stream.RecvMsg(&in); err != nil {
					return err
				}
				answer, err := s.Answer(stream.Context(), in.Value)
				if err != nil {
					return err
				}
				return stream.SendMsg(wrapperspb.String(answer))
			},
		}},
	}, s)
	return server
}

// grpcCall makes a call with a text and returns the answer.
type grpcCall func(ctx context.Context, c *grpc.ClientConn, text string) (string, error)

func unary(ctx context.Context, c *grpc.ClientConn, text string) (string, error) {
	var answer wrapperspb.StringValue
	err := c.Invoke(ctx, "/Echo/Unary", wrapperspb.String(text), &answer)
	return answer.Value, err
}

func stream(ctx context.Context, c *grpc.ClientConn, text string) (string, error) {
	ctx, cancel := context.WithCancel(ctx) // a stream that is not read to its end is left so
	defer cancel()
	s, err := c.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/Echo/Stream")
	if err != nil {
		return "", err
	}
	if err := s.SendMsg(wrapperspb.String(text)); err != nil {
		return "", err
	}
	var answer wrapperspb.StringValue
	err = s.RecvMsg(&answer)
	return answer.Value, err
}

func grpcClient(t *testing.T, address string, call grpcCall, options ...grpc.DialOption) *Client {
	// A connection that was lost is made again at once, and not after a second.
	soon := grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: time.Millisecond, Multiplier: 1, MaxDelay: 10 * time.Millisecond},
		MinConnectTimeout: asynctest.Patience,
	}
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithConnectParams(soon))
	c, err := grpc.NewClient("passthrough:///"+address, options...)
	if err != nil {
		t.Fatal(err)
	}
	client := echoClient(func(ctx context.Context, text string) (string, error) { return call(ctx, c, text) })
	client.Close = func(context.Context) error { return c.Close() }
	return client
}
