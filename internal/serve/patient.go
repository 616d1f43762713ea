package serve

import (
	"net/http"
	"time"
)

const (
	clientPatience = 2 * time.Second // a piece of an answer has to be taken in that time
	piece          = 64 << 10
)

// A PatientWriter limits the time for each piece of an answer, and not for the whole
// answer: so a long answer over a slow line is possible, but a client that has not taken
// a piece in time is dropped.
type PatientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

// NewPatientWriter returns one that writes to w.
func NewPatientWriter(w http.ResponseWriter) *PatientWriter {
	return &PatientWriter{w, http.NewResponseController(w)}
}

// Unwrap is for http.ResponseController.
func (w *PatientWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write writes a piece at a time.
func (w *PatientWriter) Write(p []byte) (written int, err error) {
	for first := true; first || len(p) > 0; first = false {
		w.extend()
		n, err := w.ResponseWriter.Write(p[:min(len(p), piece)])
		written += n
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}

// HurryBody gives the client little time for the body of its request. If no handler reads
// the body, net/http reads it before it sends the answer, and would wait for as long as
// the client likes; everybody who reaches the port could use that. The wait is a part of
// the time for the answer's first piece, so it is shorter than that time.
func (w *PatientWriter) HurryBody(r *http.Request) {
	if r.Body != nil && r.Body != http.NoBody {
		_ = w.control.SetReadDeadline(time.Now().Add(clientPatience / 2))
	}
}

// extend gives the client time again. It ignores the error of a writer without deadlines,
// such as that of a test, which never has to wait.
func (w *PatientWriter) extend() { _ = w.control.SetWriteDeadline(time.Now().Add(clientPatience)) }

// Finish sends what is left, and takes the deadline away: the connection may go on to
// serve other handlers of the program.
func (w *PatientWriter) Finish() {
	w.extend()
	_ = w.control.Flush()
	_ = w.control.SetWriteDeadline(time.Time{})
}
