package lzma

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestXZ(t *testing.T) {
	d, err := os.ReadFile("/tmp/webx/t.wasm")
	if err != nil {
		t.Skip(err)
	}
	p := Pack(d)
	t.Log(len(p))
	os.WriteFile("/tmp/webx/t.lzma", p, 0o600)
	cmd := exec.Command("xz", "--format=lzma", "-dc")
	cmd.Stdin = bytes.NewReader(p)
	out, err := cmd.Output()
	if err != nil || !bytes.Equal(out, d) {
		t.Errorf("%v, %d bytes", err, len(out))
	}
	_ = rand.Int
	_ = strings.Repeat
}
