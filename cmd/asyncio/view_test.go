package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/cli"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// view shows a recording as the command does, and returns the address that is printed.
func view(t *testing.T, file string) (address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		status := cli.Main(ctx, []string{"view", file, "--no-open"}, w, os.Stderr)
		w.Close()
		ended <- status
	}()
	line := make([]byte, 500)
	n, err := r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, r)
	t.Cleanup(func() {
		cancel()
		if status := <-ended; status != 0 {
			t.Errorf("view has ended with %d", status)
		}
	})
	_, rest, _ := strings.Cut(string(line[:n]), "The recording is at ")
	address, _, _ = strings.Cut(rest, "\n")
	return address
}

// TestViewHosts views the recording of a test with hosts, by the requests of its page and,
// where there is one, in a browser.
func TestViewHosts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hosts.json")
	recordHosts(t, file)
	address := view(t, file)
	t.Run("requests", func(t *testing.T) { expectHosts(t, address) })
	t.Run("page", func(t *testing.T) {
		if testing.Short() {
			t.Skip("it starts a browser")
		}
		node := asynctest.NodeWithBrowser(t, filepath.Join("..", "..", "console", "page"))
		cmd := exec.CommandContext(t.Context(), node, filepath.Join("..", "..", "console", "page", "test", "hosts.js"), address)
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Error(err)
		}
	})
}

func expectHosts(t *testing.T, address string) {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(u, []*http.Cookie{{Name: "asyncio_token_" + u.Port(), Value: u.Fragment}})
	ask := func(path string) io.ReadCloser {
		answer, err := (&http.Client{Jar: jar}).Get("http://" + u.Host + path)
		if err != nil || answer.StatusCode != 200 {
			t.Fatalf("%s: %v, %v", path, answer, err)
		}
		return answer.Body
	}
	var hello wire.Hello
	body := ask("/v1/hello")
	if err := json.NewDecoder(body).Decode(&hello); err != nil || hello.Program != "hosts.json" || hello.Length <= 0 || len(hello.Loops) != 1 {
		t.Errorf("hello is %+v, %v", hello, err)
	}
	body.Close()
	body = ask("/v1/recording")
	defer body.Close()
	counts, state := map[int64]int{}, wire.State{}
	for lines := json.NewDecoder(body); lines.More(); {
		var m struct {
			Type  string
			Frame wire.LiveFrame
			State wire.State
		}
		if err := lines.Decode(&m); err != nil {
			t.Fatal(err)
		}
		for _, r := range m.Frame.Rec {
			counts[r[0]]++
		}
		state = m.State
	}
	if len(state.Hosts) != 4 || counts[24] != 5 || counts[25] < 1 || counts[26] < 50 || counts[27] < 1 || counts[23] < 10 {
		t.Errorf("hosts are %+v, and so many records came of each kind: %v", state.Hosts, counts)
	}
	on := map[string]string{}
	for _, task := range state.Tasks {
		on[task.Name] = task.Host
	}
	if on["conn-1"] == "" || on["client"] != "client" || on["leader"] != "leader" {
		t.Errorf("tasks are on %v", on)
	}
}
