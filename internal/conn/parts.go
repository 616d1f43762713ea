package conn

import "net"

// maxParts bounds the parts of one system call; systems allow 1,024.
const maxParts = 64

func size(parts net.Buffers) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}

// skipEmpty drops empty parts from the front.
func skipEmpty(v *net.Buffers) {
	for len(*v) > 0 && len((*v)[0]) == 0 {
		dropFirst(v)
	}
}

// consume drops the first n bytes.
func consume(v *net.Buffers, n int) {
	for n > 0 {
		if first := &(*v)[0]; n < len(*first) {
			*first = (*first)[n:]
			return
		}
		n -= len((*v)[0])
		dropFirst(v)
	}
}

func dropFirst(v *net.Buffers) {
	(*v)[0] = nil // it may be all that keeps the bytes alive
	*v = (*v)[1:]
}
