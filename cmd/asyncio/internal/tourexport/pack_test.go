package tourexport

import (
	"bytes"
	"testing"
)

// PackOnce lets a program that is exported again be packed once. That it becomes the same
// each time is what package lzma tests.
func PackOnce(t *testing.T) {
	packs := pack
	t.Cleanup(func() { pack = packs })
	var last, packed []byte
	pack = func(program []byte) []byte {
		if packed == nil || !bytes.Equal(program, last) {
			last, packed = program, packs(program)
		}
		return packed
	}
}
