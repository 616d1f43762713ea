package streams

// A Protocol is told, in callbacks, what happens on a connection, in place of
// a task that reads it. No task is needed for a connection then, which is the
// fastest way to serve many; it is also how programs for asyncio's low-level
// API are ported. In Python: asyncio.Protocol.
//
// The order is: ConnectionMade, then DataReceived as often as something comes,
// then EOFReceived if the other side has ended its stream, and ConnectionLost,
// once and last. PauseWriting and ResumeWriting come in turns in between, Pause
// first. While reading is paused, and after Close, there is no DataReceived and
// no EOFReceived.
//
// All are called on the loop, one at a time, and must not suspend; they may
// create tasks. A panic in one goes to the exception handler, and is the error
// with which this connection, and no other, is lost.
//
// BaseProtocol has methods for those that a protocol does not care about.
type Protocol interface {
	// ConnectionMade is called first, with what the protocol writes to. In
	// Python: connection_made.
	ConnectionMade(t *Transport)
	// DataReceived is called with what has come. The bytes are valid until it
	// returns: all connections of a loop are read into the same memory. In
	// Python: data_received.
	DataReceived(data []byte)
	// EOFReceived is called when the other side has ended its stream. The
	// connection is closed unless it returns true; then it is open for writing
	// until Close. In Python: eof_received.
	EOFReceived() (keepOpen bool)
	// ConnectionLost is called last, with nil after Close, Abort and the end
	// of the stream, or with the error that was the end. If the loop ends
	// before, it may not be called. In Python: connection_lost.
	ConnectionLost(err error)
	// PauseWriting is called inside Transport.Write when more is kept than
	// the high-water mark. In Python: pause_writing.
	PauseWriting()
	// ResumeWriting is called in the pass after that in which what is kept
	// came down to the low-water mark. In Python: resume_writing.
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
	// GetBuffer returns where to read to. It must not be empty, unless
	// GetBuffer has paused reading, or closed the connection. In Python:
	// get_buffer.
	GetBuffer() []byte
	// BufferUpdated is called with how many bytes of it have been filled. In
	// Python: buffer_updated.
	BufferUpdated(n int)
}
