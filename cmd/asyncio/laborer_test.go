package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// laborer is a program for asyncio worker. Its first argument says what it does.
func laborer() {
	switch args := os.Args[1:]; args[0] {
	case "print": // as it is, to standard output
		fmt.Print(args[1])
	case "long": // a line of so many bytes
		n, _ := strconv.Atoi(args[1])
		fmt.Println(strings.Repeat("x", n))
	case "status":
		n, _ := strconv.Atoi(args[1])
		fmt.Fprintln(os.Stderr, "status", n)
		os.Exit(n)
	case "once": // dies unless there is a file, which it makes
		if f, err := os.OpenFile(args[1], os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			f.Close()
			os.Exit(3)
		}
	case "server":
		fmt.Println(os.Getenv("ASYNCIO_NATS"))
	case "wait": // for a signal
		told := make(chan os.Signal, 1)
		signal.Notify(told, os.Interrupt, syscall.SIGTERM)
		fmt.Println("ready")
		fmt.Println("told:", <-told)
	case "simple": // dies of signals
		fmt.Println("ready")
		select {}
	case "deaf":
		signal.Ignore(os.Interrupt, syscall.SIGTERM)
		conn := dial(args[1]) // before it may be killed
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, conn) // it ends with the test in any case
	case "connected": // until it dies
		conn := dial(args[1])
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, conn)
	case "chatter":
		for {
			fmt.Println("and another thing")
		}
	default:
		panic(args[0])
	}
}

func dial(address string) net.Conn {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	return conn
}
