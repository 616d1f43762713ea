package client

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, text := range []string{"1", "4242", "unix:/run/shop.sock", "unix:a b", "tcp:127.0.0.1:7070", "tcp:localhost:1", "tcp:[::1]:65535"} {
		if a, err := Parse(text); err != nil || a.String() != text {
			t.Errorf("%s: %v, %v", text, a, err)
		}
	}
	for _, test := range []struct{ text, want string }{
		{"", "has to be the number of a process"}, {"0", "has to be the number"}, {"-1", "has to be the number"}, {"shop", "unix:PATH or tcp:HOST:PORT"},
		{"http://localhost:1", "unix:PATH or tcp:HOST:PORT"}, {"unix:", "lacks the path"}, {"tcp:", "write tcp:HOST:PORT"}, {"tcp:7070", "write tcp:HOST:PORT"},
		{"tcp::7070", "write tcp:HOST:PORT"}, {"tcp:localhost:0", "write tcp:HOST:PORT"}, {"tcp:localhost:http", "write tcp:HOST:PORT"}, {"tcp:localhost:70700", "write tcp:HOST:PORT"}, {"tcp:::1:7070", "write tcp:HOST:PORT"},
	} {
		if a, err := Parse(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, %v, want %q", test.text, a, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"1", "unix:x", "tcp:[::1]:7", "tcp:a:99999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(a.String()); err != nil || again != a {
			t.Errorf("%q is read as %v, and that as %v, %v", text, a, again, err)
		}
	})
}
