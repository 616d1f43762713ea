package ecosystem

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// A redisControl is what a test does behind the back of its client: it sees which
// commands the server gets, adds items to lists, and kills connections. It speaks the
// protocol itself, with as little between it and the server as can be.
type redisControl struct {
	opts *redis.Options // as the URL has them
}

func newRedisControl(opts *redis.Options) *redisControl {
	c := *opts
	return &redisControl{&c}
}

// dial makes a connection that is logged in.
func (c *redisControl) dial(t *testing.T) *redisLine {
	t.Helper()
	conn, err := net.Dial(c.opts.Network, c.opts.Addr)
	if err != nil {
		t.Fatal(err)
	}
	l := &redisLine{Conn: conn, in: bufio.NewReader(conn)}
	if c.opts.Password != "" {
		l.ask(t, "AUTH", cmpUser(c.opts.Username), c.opts.Password)
	}
	return l
}

func cmpUser(name string) string {
	if name == "" {
		return "default"
	}
	return name
}

// A redisLine is a connection to Redis.
type redisLine struct {
	net.Conn
	in *bufio.Reader
}

// ask sends a command, and returns the answer, a line or a bulk string.
func (l *redisLine) ask(t *testing.T, words ...string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	if _, err := l.Write([]byte(b.String())); err != nil {
		t.Errorf("%s: %v", words[0], err)
		return ""
	}
	answer, err := l.read()
	if err != nil || strings.HasPrefix(answer, "-") {
		t.Errorf("%s: %q, %v", words[0], answer, err)
	}
	return answer
}

func (l *redisLine) read() (string, error) {
	line, err := l.in.ReadString('\n')
	if err != nil || line[0] != '$' {
		return line, err
	}
	var n int
	if _, err := fmt.Sscanf(line, "$%d", &n); err != nil {
		return "", err
	}
	var b strings.Builder
	for b.Len() < n+2 {
		part, err := l.in.ReadString('\n')
		if err != nil {
			return "", err
		}
		b.WriteString(part)
	}
	return b.String(), nil
}

// kill kills the connections with this name.
func (c *redisControl) kill(t *testing.T, name string) {
	l := c.dial(t)
	defer l.Close()
	for client := range strings.Lines(l.ask(t, "CLIENT", "LIST")) {
		if !strings.Contains(client, "name="+name+" ") {
			continue
		}
		id, _, _ := strings.Cut(strings.TrimPrefix(client, "id="), " ")
		l.ask(t, "CLIENT", "KILL", "ID", id)
	}
}

// serve tells the gate when a BLPOP of this list has come, and answers when it is open.
func (c *redisControl) serve(t *testing.T, s *Scene, list string) {
	monitor, line := c.dial(t), c.dial(t)
	monitor.ask(t, "MONITOR")
	ended := make(chan struct{}, 2)
	go func() {
		defer func() { ended <- struct{}{} }()
		want := fmt.Sprintf("%q %q", "blpop", list)
		for {
			said, err := monitor.in.ReadString('\n')
			if err != nil {
				return
			}
			if strings.Contains(said, want) {
				s.Arrived <- struct{}{}
			}
		}
	}()
	go func() {
		defer func() { ended <- struct{}{} }()
		<-s.open
		line.ask(t, "RPUSH", list, "1", "2", "3", "4", "5", "6", "7", "8") // more than are held
	}()
	t.Cleanup(func() {
		monitor.Close()
		<-ended
		<-ended
		line.ask(t, "DEL", list)
		line.Close()
	})
}
