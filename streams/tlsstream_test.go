package streams_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// tooMuch is more than the system keeps of a connection that no one reads.
const tooMuch = 16 << 20

// A rogue is a peer of TLS that does what crypto/tls would not do.
type rogue struct {
	*tls.Conn
	raw     net.Conn
	secret  []byte // from which the keys of its records follow
	updated bool   // it has asked for keys, and sent a byte with those that followed
	ended   bool   // the connection has, without a goodbye before
}

// A rogueConn is what its tls.Conn is on.
type rogueConn struct {
	net.Conn
	rogue *rogue
}

func (r *rogueConn) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.rogue.ended = r.rogue.ended || err != nil
	return n, err
}

// shakeHandsWithRogue returns a rogue, and a tls.Conn that talks to it.
func shakeHandsWithRogue(ctx context.Context, t *testing.T, client, server *streams.Conn) (*rogue, *tls.Conn) {
	t.Helper()
	serverConfig, clientConfig := certificates(t)
	var secrets bytes.Buffer
	clientConfig.KeyLogWriter = &secrets
	serves := asyncio.CreateTask(ctx, func(ctx context.Context) (*tls.Conn, error) {
		return streams.StartTLS(ctx, server, serverConfig, streams.Server)
	})
	r := &rogue{raw: client}
	r.Conn = must(streams.StartTLS(ctx, &rogueConn{client, r}, clientConfig, streams.Client))(t)
	for line := range strings.Lines(secrets.String()) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "CLIENT_TRAFFIC_SECRET_0" {
			r.secret = must(hex.DecodeString(f[2]))(t)
		}
	}
	return r, must(serves.Await(ctx))(t)
}

// garble sends what is no record, which has to be answered with an alert.
func (r *rogue) garble(t *testing.T) { send(t, r.raw, "this is no record of TLS") }

// askForKeys sends a KeyUpdate that has to be answered, and a byte, without which
// crypto/tls has enough of it soon.
func (r *rogue) askForKeys(t *testing.T) {
	if r.ConnectionState().CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skip("this machine prefers another cipher than the test can speak")
	}
	const keyUpdate, handshake, applicationData = 24, 22, 23
	update := r.seal(t, 0, keyUpdate, 0, 0, 1, 1, handshake)
	if r.updated {
		update = r.seal(t, 1, keyUpdate, 0, 0, 1, 1, handshake)
	}
	r.secret, r.updated = r.expand(t, "traffic upd", sha256.Size), true
	_, _ = r.raw.Write(append(update, r.seal(t, 0, 'x', applicationData)...))
}

// seal makes a record, that of its number with the present keys.
func (r *rogue) seal(t *testing.T, number byte, message ...byte) []byte {
	header := []byte{23, 3, 3, 0, byte(len(message) + 16)}
	iv := r.expand(t, "iv", 12)
	iv[11] ^= number
	block := must(aes.NewCipher(r.expand(t, "key", 16)))(t)
	return must(cipher.NewGCM(block))(t).Seal(header, iv, message, header)
}

// expand is HKDF-Expand-Label of RFC 8446.
func (r *rogue) expand(t *testing.T, label string, n int) []byte {
	label = "tls13 " + label
	info := "\x00" + string(rune(n)) + string(rune(len(label))) + label + "\x00"
	return must(hkdf.Expand(sha256.New, r.secret, info, n))(t)
}

// expectGoodbye expects so many bytes and the goodbye of TLS after them.
func (r *rogue) expectGoodbye(t *testing.T, want int) {
	t.Helper()
	got, err := io.ReadAll(r)
	if len(got) != want || err != nil || r.ended {
		t.Errorf("%d of %d bytes came, %v; cut off: %v", len(got), want, err, r.ended)
	}
}

func onRogue(t *testing.T, test func(ctx context.Context, t *testing.T, r *rogue, secure *tls.Conn)) {
	onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
		r, secure := shakeHandsWithRogue(ctx, t, client, server)
		test(ctx, t, r, secure)
	})
}

func TestProtocolOnHostileTLS(t *testing.T) {
	start := func(ctx context.Context, t *testing.T, secure *tls.Conn) *diary {
		d := newDiary(ctx)
		if _, err := streams.StartProtocol(ctx, secure, d); err != nil {
			t.Fatal(err)
		}
		if d.t.Conn() != net.Conn(secure) {
			t.Errorf("its connection is %v", d.t.Conn())
		}
		return d
	}
	t.Run("ends when the peer sends garbage and reads nothing", func(t *testing.T) {
		onRogue(t, func(ctx context.Context, t *testing.T, r *rogue, secure *tls.Conn) {
			d := start(ctx, t, secure)
			write(t, d.t, strings.Repeat("x", tooMuch))
			for left := 0; left != d.t.Buffered(); { // until it waits for the peer
				left = d.t.Buffered()
				_ = asyncio.Sleep(ctx, 20*time.Millisecond)
			}
			r.garble(t)
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "pause", "lost")
			if e := (tls.RecordHeaderError{}); !errors.As(d.err, &e) {
				t.Errorf("it was lost with %v", d.err)
			}
		})
	})
	t.Run("goes on when the peer wants new keys and reads nothing for a while", func(t *testing.T) {
		onRogue(t, func(ctx context.Context, t *testing.T, r *rogue, secure *tls.Conn) {
			d := start(ctx, t, secure)
			var asked asyncio.Event
			d.on["data"] = asked.Set
			write(t, d.t, strings.Repeat("x", tooMuch))
			r.askForKeys(t)
			_ = asked.Wait(ctx)
			_ = d.t.Close()
			r.expectGoodbye(t, tooMuch)
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "pause", "data", "resume", "lost")
			expectError(t, "the loss", d.err, nil)
		})
	})
	t.Run("can be aborted, with what is kept", func(t *testing.T) {
		onRogue(t, func(ctx context.Context, t *testing.T, r *rogue, secure *tls.Conn) {
			d := start(ctx, t, secure)
			write(t, d.t, strings.Repeat("x", tooMuch))
			_ = d.t.Abort()
			_ = d.lost.Wait(ctx)
			d.expect(t, "made", "pause", "lost")
			if got, _ := io.ReadAll(r); len(got) == tooMuch || !r.ended {
				t.Errorf("%d bytes came; cut off: %v", len(got), r.ended)
			}
		})
	})
	t.Run("sends at once what there is room for, even if the loop ends then", func(t *testing.T) {
		if !streams.ThreadedOnly(false) {
			t.Skip("goroutines write here")
		}
		l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		defer l.Close()
		serverConfig, clientConfig := certificates(t)
		heard := make(chan string)
		go func() {
			conn, err := tls.NewListener(l, serverConfig).Accept()
			if err != nil {
				heard <- err.Error()
				return
			}
			all, _ := io.ReadAll(conn)
			_ = conn.Close()
			heard <- string(all)
		}()
		run(t, func(ctx context.Context) error {
			conn := must(streams.DialTLS(ctx, "tcp", l.Addr().String(), clientConfig))(t)
			transport := must(streams.StartProtocol(ctx, conn, streams.BaseProtocol{}))(t)
			write(t, transport, "farewell")
			return transport.Close()
		})
		if got := <-heard; got != "farewell" {
			t.Errorf("%q came", got)
		}
	})
}

func TestAdoptTLS(t *testing.T) {
	adopted := func(t *testing.T, test func(ctx context.Context, t *testing.T, r *rogue, duplex *streams.Conn)) {
		onRogue(t, func(ctx context.Context, t *testing.T, r *rogue, secure *tls.Conn) {
			test(ctx, t, r, must(streams.Adopt(ctx, secure))(t))
		})
	}
	// writing writes more than the rogue reads.
	writing := func(ctx context.Context, duplex *streams.Conn) *asyncio.Task[struct{}] {
		task := asyncio.Go(ctx, func(context.Context) error { _, err := duplex.Write(make([]byte, tooMuch)); return err })
		_ = asyncio.Sleep(ctx, 20*time.Millisecond)
		return task
	}
	t.Run("can be read while it is written, whatever the peer sends", func(t *testing.T) {
		adopted(t, func(ctx context.Context, t *testing.T, r *rogue, duplex *streams.Conn) {
			task := writing(ctx, duplex)
			r.garble(t)
			_, err := duplex.Read(make([]byte, 1))
			if e := (tls.RecordHeaderError{}); !errors.As(err, &e) {
				t.Errorf("Read returned %v", err)
			}
			_ = duplex.Close()
			_, err = task.Await(ctx)
			expectError(t, "Write", err, net.ErrClosed)
			_, err = duplex.Read(make([]byte, 1))
			if err == nil {
				t.Error("it can be read when it is closed")
			}
		})
	})
	t.Run("changes its keys while it is written", func(t *testing.T) {
		adopted(t, func(ctx context.Context, t *testing.T, r *rogue, duplex *streams.Conn) {
			task := writing(ctx, duplex)
			reading := asyncio.Go(ctx, func(context.Context) error {
				recv(t, duplex, "x")
				_, err := duplex.Read(make([]byte, 1))
				return err
			})
			r.askForKeys(t)
			closing := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := task.Await(ctx)
				return errors.Join(err, duplex.Close())
			})
			r.expectGoodbye(t, tooMuch)
			expectError(t, "the writer", second(closing.Await(ctx)), nil)
			expectError(t, "the reader", second(reading.Await(ctx)), net.ErrClosed)
		})
	})
	t.Run("ends a Write at its deadline, or when it is canceled, and can be written on", func(t *testing.T) {
		adopted(t, func(ctx context.Context, t *testing.T, r *rogue, duplex *streams.Conn) {
			_ = duplex.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
			wrote, err := duplex.Write(make([]byte, tooMuch))
			expectError(t, "Write with a deadline", err, os.ErrDeadlineExceeded)
			_ = duplex.SetWriteDeadline(time.Time{})
			err = asyncio.WithTimeout(ctx, 20*time.Millisecond, func(context.Context) error {
				n, err := duplex.Write(make([]byte, tooMuch))
				wrote += n
				return err
			})
			expectError(t, "Write that is canceled", err, asyncio.ErrTimeout)
			rest := asyncio.Go(ctx, func(context.Context) error {
				_, err := duplex.Write([]byte("end"))
				return errors.Join(err, duplex.Close())
			})
			got, err := io.ReadAll(r)
			if len(got) != wrote+len("end") || !bytes.HasSuffix(got, []byte("end")) || err != nil || r.ended {
				t.Errorf("%d bytes came after %d, %v; cut off: %v", len(got), wrote, err, r.ended)
			}
			expectError(t, "the rest", second(rest.Await(ctx)), nil)
		})
	})
	t.Run("loses no goodbye when the connection beneath is closed then", func(t *testing.T) {
		onRogue(t, func(ctx context.Context, t *testing.T, r *rogue, secure *tls.Conn) {
			duplex := must(streams.Adopt(ctx, secure))(t)
			closing := asyncio.Go(ctx, func(context.Context) error {
				send(t, duplex, "hello")
				err := duplex.Close()
				expectError(t, "Close beneath", secure.NetConn().Close(), net.ErrClosed) // as Serve does
				expectError(t, "Close again", duplex.Close(), net.ErrClosed)
				return err
			})
			r.expectGoodbye(t, len("hello"))
			expectError(t, "closing", second(closing.Await(ctx)), nil)
		})
	})
	t.Run("keeps not many answers for a peer that reads none", func(t *testing.T) {
		run(t, func(ctx context.Context) error { // once, for it takes long
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			defer client.Close()
			r, secure := shakeHandsWithRogue(ctx, t, client, server)
			duplex := must(streams.Adopt(ctx, secure))(t)
			task := writing(ctx, duplex)
			asking := asyncio.Go(ctx, func(ctx context.Context) error {
				for !task.Done() {
					r.askForKeys(t)
				}
				return nil
			})
			_, _ = io.Copy(io.Discard, duplex) // crypto/tls gives up when it cannot answer
			if _, err := task.Await(ctx); !strings.Contains(err.Error(), "does not read them") {
				t.Errorf("Write returned %v", err)
			}
			_ = duplex.Close()
			return second(asking.Await(ctx))
		})
	})
	t.Run("is for one reader", func(t *testing.T) {
		adopted(t, func(ctx context.Context, t *testing.T, r *rogue, duplex *streams.Conn) {
			reading := asyncio.Go(ctx, func(context.Context) error { recv(t, duplex, "hello"); return nil }, asyncio.Eager())
			_, err := duplex.Read(make([]byte, 1))
			expectError(t, "the second Read", err, streams.ErrBusy)
			send(t, r, "hello")
			expectError(t, "the first", second(reading.Await(ctx)), nil)
		})
	})
	t.Run("shakes hands once, whoever comes first", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			serverConfig, clientConfig := certificates(t)
			a := must(streams.Adopt(ctx, tls.Client(client, clientConfig)))(t)
			b := must(streams.Adopt(ctx, tls.Server(server, serverConfig)))(t)
			_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for _, conn := range []*streams.Conn{a, b} {
					tg.Go(func(context.Context) error { recv(t, conn, "hello"); return nil })
					tg.Go(func(context.Context) error { send(t, conn, "hello"); return nil })
				}
				return nil
			})
		})
	})
}
