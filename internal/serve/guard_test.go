package serve

import (
	"net/http/httptest"
	"testing"
)

func TestTwoOriginsAreForeign(t *testing.T) {
	r := httptest.NewRequest("GET", "/v1/hello", nil)
	r.Host = "localhost"
	r.Header["Origin"] = []string{"http://localhost", "http://evil.example"}
	if !foreignOrigin(r) {
		t.Error("the second one was overlooked")
	}
}
