package timeline

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Segmenter returns the first character of a text, as a reader sees it, and how many
// columns it takes. Such a character may be several code points.
type Segmenter func(text string) (character string, columns int)

// Character is a Segmenter that knows what names have in them: letters with marks, the
// wide characters of East Asia, and emoji made of several. A program that has a library
// for this, with all of Unicode's tables, passes its own Segmenter.
func Character(text string) (character string, columns int) {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return "", 0
	}
	end, columns := size, runeColumns(first)
	flag := regional(first)
	for last := first; end < len(text); {
		r, size := utf8.DecodeRuneInString(text[end:])
		switch {
		case r == presentedAsEmoji:
			columns = 2
		case flag && regional(r):
			flag, columns = false, 2
		case !continues(last, r):
			return text[:end], columns
		}
		end, last = end+size, r
	}
	return text[:end], columns
}

const (
	joiner           = '\u200d'
	presentedAsEmoji = '\ufe0f'
)

// continues reports whether r belongs to the character that ends in last.
func continues(last, r rune) bool {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc, unicode.Cf):
		return true
	case 0x1f3fb <= r && r <= 0x1f3ff: // colors of skin
		return last > 0xff
	default:
		return last == joiner && r > 0xff
	}
}

func regional(r rune) bool { return 0x1f1e6 <= r && r <= 0x1f1ff }

func runeColumns(r rune) int {
	switch {
	case r < ' ' || 0x7f <= r && r < 0xa0 || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case isWide(r):
		return 2
	default:
		return 1
	}
}

func isWide(r rune) bool {
	_, found := slices.BinarySearchFunc(wide[:], r, func(w [2]rune, r rune) int {
		switch {
		case w[1] < r:
			return -1
		case w[0] > r:
			return 1
		default:
			return 0
		}
	})
	return found
}

// wide has the ranges of characters that take two columns: those that Unicode's
// EastAsianWidth calls wide or fullwidth.
var wide = [...][2]rune{
	{0x1100, 0x115f}, {0x231a, 0x231b}, {0x2329, 0x232a}, {0x23e9, 0x23ec}, {0x23f0, 0x23f0},
	{0x23f3, 0x23f3}, {0x25fd, 0x25fe}, {0x2614, 0x2615}, {0x2648, 0x2653}, {0x267f, 0x267f},
	{0x2693, 0x2693}, {0x26a1, 0x26a1}, {0x26aa, 0x26ab}, {0x26bd, 0x26be}, {0x26c4, 0x26c5},
	{0x26ce, 0x26ce}, {0x26d4, 0x26d4}, {0x26ea, 0x26ea}, {0x26f2, 0x26f3}, {0x26f5, 0x26f5},
	{0x26fa, 0x26fa}, {0x26fd, 0x26fd}, {0x2705, 0x2705}, {0x270a, 0x270b}, {0x2728, 0x2728},
	{0x274c, 0x274c}, {0x274e, 0x274e}, {0x2753, 0x2755}, {0x2757, 0x2757}, {0x2795, 0x2797},
	{0x27b0, 0x27b0}, {0x27bf, 0x27bf}, {0x2b1b, 0x2b1c}, {0x2b50, 0x2b50}, {0x2b55, 0x2b55},
	{0x2e80, 0x303e}, {0x3041, 0x3247}, {0x3250, 0x4dbf}, {0x4e00, 0xa4cf}, {0xa960, 0xa97f},
	{0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe10, 0xfe19}, {0xfe30, 0xfe6f}, {0xff01, 0xff60},
	{0xffe0, 0xffe6}, {0x16fe0, 0x18dff}, {0x1aff0, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf},
	{0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c},
	{0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4},
	{0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e},
	{0x1f550, 0x1f567}, {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4}, {0x1f5fb, 0x1f64f},
	{0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6d8}, {0x1f6dc, 0x1f6df},
	{0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7eb}, {0x1f7f0, 0x1f7f0}, {0x1f90c, 0x1f93a},
	{0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x2fffd}, {0x30000, 0x3fffd},
}

// columns returns how many columns a text takes.
func (next Segmenter) columns(text string) (n int) {
	for text != "" {
		c, w := next(text)
		n, text = n+w, text[len(c):]
	}
	return n
}

// truncate cuts a text that takes more columns than there are, and says so with more.
func (next Segmenter) truncate(text string, columns int, more string) string {
	if next.columns(text) <= columns {
		return text
	}
	columns -= next.columns(more)
	if columns < 0 {
		return ""
	}
	at := 0
	for at < len(text) {
		c, w := next(text[at:])
		if columns -= w; columns < 0 {
			break
		}
		at += len(c)
	}
	return text[:at] + more
}

// clean replaces characters that would move a terminal's cursor. A name may contain
// anything: a program may name a task after what a client has sent.
func clean(text string) string {
	if strings.IndexFunc(text, unicode.IsControl) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, text)
}
