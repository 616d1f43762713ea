package streams

// A Protocol has methods that the loop calls when something happens on a connection, so
// that no task need read it. This is the fastest way to serve many connections, and the
// way to port programs for the low-level API of Python's asyncio. In Python:
// asyncio.Protocol.
//
// The order is: ConnectionMade, then DataReceived whenever something comes, then
// EOFReceived if the peer ends its stream, and ConnectionLost, once and last.
// PauseWriting and ResumeWriting are called in turns in between, beginning with
// PauseWriting. While reading is paused, and after Close, DataReceived and
// EOFReceived are not called.
//
// All methods are called on the loop, one at a time, and must not suspend; they may
// create tasks. A panic in one of them goes to the exception handler. It ends this
// connection only, and is the error that ConnectionLost gets.
//
// Embed BaseProtocol for the methods that a protocol does not need.
type Protocol interface {
	// ConnectionMade is called first, with the Transport to which the protocol writes. In
	// Python: connection_made.
	ConnectionMade(t *Transport)
	// DataReceived is called with the bytes that have come. They are valid until
	// it returns: connections share the memory into which they are read. In
	// Python: data_received.
	DataReceived(data []byte)
	// EOFReceived is called when the peer has ended its stream. If it returns
	// true, the connection stays open for writing until Close; otherwise it is
	// closed. In Python: eof_received.
	EOFReceived() (keepOpen bool)
	// ConnectionLost is called last, with nil after Close, Abort and the end of the
	// stream, or with the error that ended the connection. If the loop ends before, it
	// may not be called. In Python: connection_lost.
	ConnectionLost(err error)
	// PauseWriting is called inside Transport.Write when the Transport keeps more bytes
	// than the high-water mark. In Python: pause_writing.
	PauseWriting()
	// ResumeWriting is called when the Transport keeps no more bytes than the low-water
	// mark again, in the next pass of the loop. In Python: resume_writing.
	ResumeWriting()
}

// A BaseProtocol does nothing. Embed it in a protocol for the methods that are
// not needed.
type BaseProtocol struct{}

func (BaseProtocol) ConnectionMade(*Transport) {}
func (BaseProtocol) DataReceived([]byte)       {}
func (BaseProtocol) EOFReceived() bool         { return false }
func (BaseProtocol) ConnectionLost(error)      {}
func (BaseProtocol) PauseWriting()             {}
func (BaseProtocol) ResumeWriting()            {}

// A BufferedProtocol reads into memory of its own: in place of DataReceived,
// GetBuffer is called before each read, and BufferUpdated after it. In Python:
// asyncio.BufferedProtocol.
type BufferedProtocol interface {
	Protocol
	// GetBuffer returns the memory to read into. It must not be empty, unless GetBuffer
	// has paused reading, or closed the connection. In Python: get_buffer.
	GetBuffer() []byte
	// BufferUpdated is called with the number of bytes that were read into the buffer. In
	// Python: buffer_updated.
	BufferUpdated(n int)
}
