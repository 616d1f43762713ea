package lzma_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/lzma"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A sample is what is packed, and what became of it.
type sample struct{ data, packed []byte }

// samples have all kinds of symbols in them. They are packed once for all tests, as that
// takes long.
var samples = sync.OnceValue(func() map[string]sample {
	all := map[string]sample{}
	for name, data := range unpacked() {
		all[name] = sample{data, lzma.Pack(data)}
	}
	return all
})

func unpacked() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 5000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	var words bytes.Buffer
	for range 20_000 {
		words.WriteString([]string{"a ", "loop ", "runs ", "events ", "one at a time, ", "in passes\n"}[r.IntN(6)])
	}
	far := bytes.Join([][]byte{noise, make([]byte, 200_000), noise, words.Bytes()[:1000], noise[1000:]}, nil)
	records := make([]byte, 0, 60_000)
	for i := range 5000 {
		records = binary.LittleEndian.AppendUint64(records, uint64(i)*7)
		records = append(records, noise[i], 0, 0, 1)
	}
	return map[string][]byte{
		"nothing": {}, "a byte": {7}, "three": []byte("abc"), "four": []byte("aaaa"),
		"one byte often": bytes.Repeat([]byte{0}, 100_000), "noise": noise, "words": words.Bytes(),
		"far apart": far, "records": records, "a program": program(),
	}
}

// program returns the beginning of this program. The race detector has a shorter one:
// the packer is one goroutine, which it makes ten times slower.
func program() []byte {
	size := 1 << 20
	if asynctest.Race() {
		size = 1 << 17
	}
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		panic(err)
	}
	return text[:min(len(text), size)]
}

// What is packed is what comes out, by the decoder of the tests.
func TestPack(t *testing.T) {
	for name, s := range samples() {
		if got, err := unpack(s.packed); err != nil || !bytes.Equal(got, s.data) {
			t.Errorf("%s: %d bytes of %d come out, %v", name, len(got), len(s.data), err)
		}
		if again := lzma.Pack(s.data); !bytes.Equal(s.packed, again) {
			t.Errorf("%s: packed again it is something else", name)
		}
		if most := len(s.data) + len(s.data)/50 + 50; len(s.packed) > most {
			t.Errorf("%s: %d bytes became %d", name, len(s.data), len(s.packed))
		}
	}
}

// xz and the page's own decoder have not been written by who wrote the packer, or in the
// same language.
func TestOthersUnpackIt(t *testing.T) {
	for name, command := range decoders(t) {
		for kind, s := range samples() {
			cmd := exec.Command(command[0], command[1:]...)
			cmd.Stdin = bytes.NewReader(s.packed)
			got, err := cmd.Output()
			if err != nil || !bytes.Equal(got, s.data) {
				t.Errorf("%s, by %s: %d bytes of %d come out, %v", kind, name, len(got), len(s.data), err)
			}
		}
	}
}

func decoders(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	if xz, err := exec.LookPath("xz"); err == nil {
		all["xz"] = []string{xz, "--format=lzma", "--decompress", "--stdout"}
	}
	if node, err := exec.LookPath("node"); err == nil {
		script := filepath.Join("..", "..", "..", "..", "console", "page", "src", "tour", "lzma.js")
		all["lzma.js"] = []string{node, "-e", strings.ReplaceAll(`
			const fs = require('fs')
			const unpack = new Function(fs.readFileSync('SCRIPT', 'utf8') + '; return unpack')()
			const out = unpack(new Uint8Array(fs.readFileSync(0)))
			for (let n = 0; n < out.length; ) n += fs.writeSync(1, out, n)
		`, "SCRIPT", filepath.ToSlash(script))}
	}
	if len(all) == 0 {
		t.Skip("there is neither xz nor node")
	}
	return all
}

// It has to be worth the while.
func TestItIsShorterThanGzip(t *testing.T) {
	s := samples()["a program"]
	gzip := zipped(t, s.data)
	if n := len(s.packed); n > gzip*9/10 {
		t.Errorf("a program of %d bytes became %d, and gzip makes %d of it", len(s.data), n, gzip)
	}
}

func FuzzPack(f *testing.F) {
	f.Add([]byte("abcabcabcabcd"), uint8(3))
	f.Add([]byte{0, 0, 0, 0, 0, 1}, uint8(200))
	f.Fuzz(func(t *testing.T, piece []byte, times uint8) {
		data := bytes.Repeat(piece, int(times)%16+1)
		if got, err := unpack(lzma.Pack(data)); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%x becomes %x, %v", data, got, err)
		}
	})
}
