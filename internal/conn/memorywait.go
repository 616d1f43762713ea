package conn

import "github.com/asyncio-go/asyncio/internal/engine"

// A MemoryStream as what a task waits for, in its two directions.
type (
	memoryRead  MemoryStream
	memoryWrite MemoryStream
)

var (
	labelPipeRead  = engine.NewLabel("pipe read")
	labelPipeWrite = engine.NewLabel("pipe write")
)

func (s *MemoryStream) readReason() engine.Reason {
	if s.pipe {
		return labelPipeRead
	}
	return (*memoryRead)(s)
}

func (s *MemoryStream) writeReason() engine.Reason {
	if s.pipe {
		return labelPipeWrite
	}
	return (*memoryWrite)(s)
}

// Describe says "read 127.0.0.1:32768".
func (w *memoryRead) Describe() string { return labelRead.Describe() + " " + w.peerName }

// Ref makes it an engine.Reason.
func (w *memoryRead) Ref(l *engine.Loop) engine.Ref {
	return engine.Ref{Label: labelRead, Number: (*MemoryStream)(w).number(l)}
}

// Describe says "write 127.0.0.1:32768".
func (w *memoryWrite) Describe() string { return labelWrite.Describe() + " " + w.peerName }

// Ref makes it an engine.Reason.
func (w *memoryWrite) Ref(l *engine.Loop) engine.Ref {
	return engine.Ref{Label: labelWrite, Number: (*MemoryStream)(w).number(l)}
}

// memoryState is a MemoryStream as an engine.Shared.
type memoryState MemoryStream

// State makes it one.
func (s *memoryState) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelConnection, Waiters: s.in.readers.Len() + s.out.writers.Len()}
}

// number returns the number of the stream as an object, whose name is the peer's address.
func (s *MemoryStream) number(l *engine.Loop) uint64 {
	if s.object == nil {
		s.object = engine.NewObject((*memoryState)(s))
		s.object.Name = s.peerName
	}
	return l.Number(s.object)
}
