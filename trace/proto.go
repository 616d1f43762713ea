package trace

import "encoding/binary"

// A message is an encoded message of Protocol Buffers to which fields are added. Perfetto
// needs only five kinds of messages, so a library is not worth it.
type message []byte

// The wire types of fields.
const (
	wireVarint = 0
	wireFixed  = 1 // 64 bits
	wireBytes  = 2
)

func (m message) key(field, wire int) message {
	return binary.AppendUvarint(m, uint64(field)<<3|uint64(wire))
}

func (m message) varint(field int, v uint64) message {
	return binary.AppendUvarint(m.key(field, wireVarint), v)
}

func (m message) fixed(field int, v uint64) message {
	return binary.LittleEndian.AppendUint64(m.key(field, wireFixed), v)
}

func (m message) text(field int, s string) message {
	m = binary.AppendUvarint(m.key(field, wireBytes), uint64(len(s)))
	return append(m, s...)
}

func (m message) message(field int, sub message) message {
	m = binary.AppendUvarint(m.key(field, wireBytes), uint64(len(sub)))
	return append(m, sub...)
}
