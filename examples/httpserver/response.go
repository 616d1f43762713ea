package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/valyala/fasthttp"

	"github.com/asyncio-go/asyncio"
)

// A response is the http.ResponseWriter of one request. A handler that ends
// without Flush has written all of it before the first byte goes out, and it
// gets its length. With the first Flush it becomes a stream: the handler puts
// pieces into a queue, and the connection's task takes them out; when the
// client is slow, the queue is full and Flush waits.
type response struct {
	ctx     context.Context // of the connection
	header  http.Header
	status  int
	buf     bytes.Buffer
	pieces  *asyncio.Queue[[]byte]
	ready   asyncio.Event // there is something to send: all of it, or a beginning
	ended   bool
	giveUp  func()
	partial []byte // of a piece that is read
}

// piecesAhead is how many pieces a handler may be ahead of its client.
const piecesAhead = 4

func newResponse(ctx context.Context) *response {
	return &response{ctx: ctx, header: http.Header{}, pieces: asyncio.NewQueue[[]byte](piecesAhead)}
}

// Header makes a response an http.ResponseWriter.
func (w *response) Header() http.Header { return w.header }

// WriteHeader makes a response an http.ResponseWriter. The first call counts.
func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK { // an interim one would need a client to wait for it
		w.status = status
	}
}

// Write makes a response an http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.buf.Write(p)
}

// FlushError sends what has been written. It is what http.ResponseController
// looks for.
func (w *response) FlushError() error {
	w.WriteHeader(http.StatusOK)
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
	w.ended = true
	w.pieces.Shutdown(false)
	w.ready.Set()
}

// answer waits for something to send and hands it to fasthttp.
func (w *response) answer(ctx *fasthttp.RequestCtx) {
	if err := w.ready.Wait(w.ctx); err != nil {
		ctx.SetConnectionClose() // the server ends, or the handler has panicked: nothing goes out any more
		return
	}
	ctx.SetStatusCode(w.status)
	for key, values := range w.header {
		for _, value := range values {
			ctx.Response.Header.Add(key, value)
		}
	}
	if !w.ended || !w.pieces.Empty() {
		ctx.Response.Header.Del(fasthttp.HeaderContentLength) // it goes out in chunks
		ctx.Response.ImmediateHeaderFlush = true
		ctx.Response.SetBodyStream(w, -1)
		return
	}
	w.setType(ctx)
	if length, err := strconv.Atoi(w.header.Get(fasthttp.HeaderContentLength)); err == nil && ctx.IsHead() {
		ctx.Response.Header.SetContentLength(length)
	}
	ctx.Response.SetBody(w.buf.Bytes())
}

// setType guesses the type of a body that the handler has said nothing about.
func (w *response) setType(ctx *fasthttp.RequestCtx) {
	if w.header.Get(fasthttp.HeaderContentType) == "" && w.buf.Len() > 0 {
		ctx.Response.Header.SetContentType(http.DetectContentType(w.buf.Bytes()))
	}
}

// Read gives the stream to fasthttp, in the connection's task.
func (w *response) Read(p []byte) (int, error) {
	if len(w.partial) == 0 {
		piece, err := w.pieces.Get(w.ctx)
		switch {
		case err == asyncio.ErrQueueShutDown:
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

// Close is called by fasthttp when it has sent the stream, or cannot: then the
// handler has nobody to write to, and is canceled.
func (w *response) Close() error {
	if !w.ended {
		w.giveUp()
	}
	return nil
}
