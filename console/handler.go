package console

import (
	"net/http"
	"runtime"
)

// A handler is what Handler returns. It is not the server itself, so that it can be
// garbage while the server still gives answers.
type handler struct{ server *server }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.server.ServeHTTP(w, r)
	runtime.KeepAlive(h)
}

// newHandler watches the loop that runs here, if any, and all that come.
func newHandler(c *settings) (http.Handler, error) {
	share := newShare(c)
	if err := share.watchHere(); err != nil {
		share.release()
		return nil, err
	}
	h := &handler{newServer(c, share)}
	runtime.AddCleanup(h, func(s *server) {
		s.end()
		go func() { // what the collector has to do may take a while, and others wait to be cleaned up
			s.wait()
			share.release()
		}()
	}, h.server)
	return h, nil
}
