package remote_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// A key is what a user has in place of a password: the server knows only the public half.
type key struct {
	public string
	pair   nkeys.KeyPair
}

func newKey(t *testing.T) key {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key{public, pair}
}

func (k key) option() nats.Option { return nats.Nkey(k.public, k.pair.Sign) }

// newCertificate writes a certificate for 127.0.0.1 into a directory, with its key, and
// returns what trusts it.
func newCertificate(t *testing.T, dir string) *tls.Config {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	for file, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: secret}} {
		data := pem.EncodeToMemory(block)
		pool.AppendCertsFromPEM(data)
		if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}
}

func TestConnectWithTLSAndKeys(t *testing.T) {
	dir, worker, client := filepath.ToSlash(t.TempDir()), newKey(t), newKey(t)
	trusted := newCertificate(t, dir)
	file := filepath.Join(dir, "server.conf")
	err := os.WriteFile(file, fmt.Appendf(nil, `
		tls { cert_file: "%[1]s/cert.pem", key_file: "%[1]s/key.pem" }
		authorization { users: [ { nkey: %[2]s }, { nkey: %[3]s } ] }
	`, dir, worker.public, client.public), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, t.TempDir(), embedded.ConfigFile(file))
	if !strings.HasPrefix(s.URL(), "tls://127.0.0.1:") {
		t.Errorf("URL %s, want one of TLS", s.URL())
	}
	run(t, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			nc, err := remote.Dial(ctx, s.URL(), worker.option(), nats.Secure(trusted))
			if err != nil {
				return err
			}
			defer nc.Close()
			w := tg.Go(func(ctx context.Context) error { return remote.Serve(ctx, nc, []remote.Registered{double}) })
			defer w.Cancel()

			x, err := remote.Connect(ctx, s.URL(), remote.NATS(client.option(), nats.Secure(trusted)))
			if err != nil {
				return err
			}
			defer x.Close()
			if v := must[int](t)(must[*remote.Job[int]](t)(double.Submit(ctx, x, 21)).Await(ctx)); v != 42 {
				t.Errorf("double(21) = %d", v)
			}
			for name, bad := range map[string]remote.Option{
				"without a key":                  remote.NATS(nats.Secure(trusted)),
				"with a stranger's key":          remote.NATS(newKey(t).option(), nats.Secure(trusted)),
				"that does not trust the server": remote.NATS(client.option()),
				"without TLS":                    remote.NATS(client.option(), nats.SetCustomDialer(plain{})),
			} {
				x, err := remote.Connect(ctx, s.URL(), bad)
				if err == nil {
					t.Errorf("a client %s is let in", name)
					x.Close()
				}
				unknown := new(x509.UnknownAuthorityError)
				if name == "that does not trust the server" && !errors.As(err, unknown) {
					t.Errorf("a client %s: %v", name, err)
				}
			}
			return nil
		})
	})
}

// plain dials and does not speak TLS: it stands for someone who reads along.
type plain struct{}

func (plain) Dial(network, address string) (net.Conn, error) { return net.Dial(network, address) }
func (plain) SkipTLSHandshake() bool                         { return true }
