package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestVetWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var out, errs bytes.Buffer
	status := Main(t.Context(), []string{"vet"}, &out, &errs)
	if out.Len() > 0 || status != statusFailed || !strings.Contains(errs.String(), "asyncio vet: there is no go command in PATH") {
		t.Errorf("it prints %q, %q and ends with status %d", &out, &errs, status)
	}
}
