package client

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// An Address says where a console is: the one of a process, or a socket, or an address
// of TCP.
type Address struct {
	pid  int
	unix string // the path of a socket
	tcp  string // host:port
}

// Process returns the address of the console of a process.
func Process(pid int) Address { return Address{pid: pid} }

// Parse reads an address as it is written on a command line: PID, unix:PATH or
// tcp:HOST:PORT. The error says what is wrong with it.
func Parse(text string) (Address, error) {
	network, place, _ := strings.Cut(text, ":")
	switch network {
	case "unix":
		if place == "" {
			return Address{}, fmt.Errorf("%q lacks the path of the socket: unix:PATH", text)
		}
		return Address{unix: place}, nil
	case "tcp":
		return parseTCP(text, place)
	}
	pid, err := strconv.Atoi(text)
	if err != nil || pid <= 0 {
		return Address{}, fmt.Errorf("%q is no process and no address: it has to be the number of a process, unix:PATH or tcp:HOST:PORT", text)
	}
	return Process(pid), nil
}

func parseTCP(text, place string) (Address, error) {
	host, port, err := net.SplitHostPort(place)
	if n, failed := strconv.ParseUint(port, 10, 16); err != nil || host == "" || failed != nil || n == 0 {
		return Address{}, fmt.Errorf("%q is no address of TCP: write tcp:HOST:PORT, as in tcp:127.0.0.1:7070 or tcp:[::1]:7070", text)
	}
	return Address{tcp: place}, nil
}

// String returns the address as Parse reads it.
func (a Address) String() string {
	switch {
	case a.unix != "":
		return "unix:" + a.unix
	case a.tcp != "":
		return "tcp:" + a.tcp
	}
	return strconv.Itoa(a.pid)
}

// describe returns the address in words, for sentences.
func (a Address) describe() string {
	if a.pid != 0 {
		return fmt.Sprintf("process %d", a.pid)
	}
	return a.String()
}
