package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/asyncio-go/asyncio"
)

// A response is the http.ResponseWriter of one request. A short one is written
// by its handler before the first byte goes out, and gets its length. With the
// first Flush, or when it is long, it becomes a stream: the handler puts pieces
// into a queue, and the connection's task takes them out; when the client is
// slow, the queue is full and the handler waits.
type response struct {
	ctx     context.Context // of the connection
	header  http.Header     // as the handler sees it
	sent    http.Header     // as it was when the status was set
	status  int
	oldest  bool // the client speaks HTTP/1.0, which knows no chunks
	buf     bytes.Buffer
	pieces  *asyncio.Queue[[]byte]
	ready   asyncio.Event // there is something to send: all of it, or a beginning
	ended   bool
	giveUp  func()
	trailer *fasthttp.ResponseHeader // where trailers go, once there is a stream
	partial []byte                   // of a piece that is read
}

const (
	mostInPiece = 64 << 10 // bytes that a handler may write without waiting
	piecesAhead = 4        // that a handler may be ahead of its client
)

func newResponse(ctx context.Context, r *http.Request) *response {
	return &response{
		ctx: ctx, header: http.Header{}, oldest: !r.ProtoAtLeast(1, 1),
		pieces: asyncio.NewQueue[[]byte](piecesAhead),
	}
}

// Header makes a response an http.ResponseWriter.
func (w *response) Header() http.Header { return w.header }

// WriteHeader makes a response an http.ResponseWriter. The first call counts.
func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK { // an interim one would need a client to wait for it
		w.status, w.sent = status, w.header.Clone()
	}
}

// Write makes a response an http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	n, _ := w.buf.Write(p)
	if w.buf.Len() < mostInPiece || !w.canStream() {
		return n, nil
	}
	return n, w.FlushError()
}

// canStream reports whether the client can tell where a stream ends.
func (w *response) canStream() bool { return !w.oldest || w.length() >= 0 }

// length is what the handler says about it; -1: nothing.
func (w *response) length() int {
	n, err := strconv.Atoi(w.sent.Get(fasthttp.HeaderContentLength))
	if err != nil {
		return -1
	}
	return n
}

// FlushError sends what has been written. It is what http.ResponseController
// looks for.
func (w *response) FlushError() error {
	w.WriteHeader(http.StatusOK)
	if !w.canStream() {
		return http.ErrNotSupported
	}
	w.setType()
	w.ready.Set()
	if w.buf.Len() == 0 {
		return nil
	}
	piece := bytes.Clone(w.buf.Bytes())
	w.buf.Reset()
	return w.pieces.Put(w.ctx, piece)
}

// Flush makes a response an http.Flusher.
func (w *response) Flush() { _ = w.FlushError() }

// end is called when the handler has ended.
func (w *response) end() {
	if w.ready.IsSet() {
		w.Flush()
	}
	w.WriteHeader(http.StatusOK)
	w.setType()
	w.ended = true
	w.pieces.Shutdown(false)
	w.ready.Set()
}

// setType guesses the type of a body that the handler has said nothing about.
func (w *response) setType() {
	_, said := w.sent[fasthttp.HeaderContentType]
	encoded := w.sent.Get(fasthttp.HeaderContentEncoding) != ""
	if !said && !encoded && w.buf.Len() > 0 && !w.ready.IsSet() {
		w.sent.Set(fasthttp.HeaderContentType, http.DetectContentType(w.buf.Bytes()))
	}
}

// answer waits for something to send and hands it to fasthttp.
func (w *response) answer(ctx *fasthttp.RequestCtx) {
	if err := w.ready.Wait(w.ctx); err != nil {
		ctx.SetConnectionClose() // the server ends, or the handler has panicked: nothing goes out any more
		return
	}
	ctx.SetStatusCode(w.status)
	for key, values := range w.sent {
		for _, value := range values {
			ctx.Response.Header.Add(key, value)
		}
	}
	if !w.ended || !w.pieces.Empty() {
		w.trailer = &ctx.Response.Header
		ctx.Response.ImmediateHeaderFlush = true
		ctx.Response.SetBodyStream(w, w.length()) // without one, in chunks
		return
	}
	ctx.Response.SetBody(w.buf.Bytes())
	if ctx.IsHead() && w.length() >= 0 {
		ctx.Response.Header.SetContentLength(w.length())
	}
}

// Read gives the stream to fasthttp, in the connection's task.
func (w *response) Read(p []byte) (int, error) {
	if len(w.partial) == 0 {
		piece, err := w.pieces.Get(w.ctx)
		switch {
		case err == asyncio.ErrQueueShutDown:
			w.addTrailers()
			return 0, io.EOF
		case err != nil:
			return 0, err
		}
		w.partial = piece
	}
	n := copy(p, w.partial)
	w.partial = w.partial[n:]
	return n, nil
}

// addTrailers takes from the header what the handler has announced, and set
// in the meantime.
func (w *response) addTrailers() {
	for _, names := range w.sent[fasthttp.HeaderTrailer] {
		for name := range strings.SplitSeq(names, ",") {
			name = strings.TrimSpace(name)
			w.trailer.Set(name, w.header.Get(name))
		}
	}
}

// Close is called by fasthttp when it has sent the stream, or cannot: then the
// handler has nobody to write to, and is canceled.
func (w *response) Close() error {
	if !w.ended {
		w.giveUp()
	}
	return nil
}
