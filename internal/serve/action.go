package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// CheckAction refuses requests that a page of another site could make a browser send. A
// form has neither this type nor this header. A script may set them only after a
// preflight request (CORS), and the server never allows that.
func CheckAction(r *http.Request) *Refusal {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch {
	case !strings.EqualFold(strings.TrimSpace(kind), "application/json"):
		return &Refusal{http.StatusUnsupportedMediaType, "an action is JSON: send the header Content-Type: application/json"}
	case r.Header.Get("X-Asyncio") != "1":
		return &Refusal{http.StatusForbidden, "an action has to be meant: send the header X-Asyncio: 1"}
	}
	return nil
}

// ReadBody reads a JSON body of at most the given length, which has to come soon: see
// HurryBody. The refusal of another body contains the example.
func ReadBody(w http.ResponseWriter, r *http.Request, v any, most int64, example string) *Refusal {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, most))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		err = nothingMore(d)
	}
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return &Refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes: send only %s", most, example)}
	case err != nil:
		return &Refusal{http.StatusBadRequest, fmt.Sprintf("the body is not the JSON of an action (%v): send %s", err, example)}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return nil
}

// nothingMore returns an error if something follows. (Decoder.More does not notice a
// closing bracket.)
func nothingMore(d *json.Decoder) error {
	var tooLong *http.MaxBytesError
	switch _, err := d.Token(); {
	case err == io.EOF:
		return nil
	case errors.As(err, &tooLong):
		return err
	}
	return errors.New("more follows")
}

// WriteJSON answers with v.
func WriteJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		Refusal{http.StatusInternalServerError, "the answer cannot be written as JSON, which is a mistake: report it (" + err.Error() + ")"}.ServeHTTP(w, nil)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
