package lzma_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/lzma"
)

// samples have all kinds of symbols in them.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 5000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	var words bytes.Buffer
	for range 20_000 {
		words.WriteString([]string{"a ", "loop ", "runs ", "events ", "one at a time, ", "in passes\n"}[r.IntN(6)])
	}
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
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
		"far apart": far, "records": records, "a program": program[:min(len(program), 1<<20)],
	}
}

// What is packed is what comes out, by the decoder of the tests.
func TestPack(t *testing.T) {
	for name, data := range samples(t) {
		packed := lzma.Pack(data)
		if got, err := unpack(packed); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes of %d come out, %v", name, len(got), len(data), err)
		}
		if again := lzma.Pack(data); !bytes.Equal(packed, again) {
			t.Errorf("%s: packed again it is something else", name)
		}
		if most := len(data) + len(data)/50 + 50; len(packed) > most {
			t.Errorf("%s: %d bytes became %d", name, len(data), len(packed))
		}
	}
}

// xz and the page's own decoder have not been written by who wrote the packer, or in the
// same language.
func TestOthersUnpackIt(t *testing.T) {
	for name, command := range decoders(t) {
		for sample, data := range samples(t) {
			cmd := exec.Command(command[0], command[1:]...)
			cmd.Stdin = bytes.NewReader(lzma.Pack(data))
			got, err := cmd.Output()
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%s, by %s: %d bytes of %d come out, %v", sample, name, len(got), len(data), err)
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
	program := samples(t)["a program"]
	gzip := zipped(t, program)
	if n := len(lzma.Pack(program)); n > gzip*9/10 {
		t.Errorf("a program of %d bytes became %d, and gzip makes %d of it", len(program), n, gzip)
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
