package tick

import (
	"runtime"
	"testing"
)

func TestFramesAreWhereCallersLooksForThem(t *testing.T) {
	if Check(); frameless {
		t.Errorf("with %s, no trace says where a task was created", runtime.Version())
	}
}

func TestFramesElsewhereAreFound(t *testing.T) {
	for name, spoil := range map[string]func(*[Depth]uintptr){
		"no frame":      func(pcs *[Depth]uintptr) { clear(pcs[:]) },
		"one frame":     func(pcs *[Depth]uintptr) { clear(pcs[1:]) },
		"another frame": func(pcs *[Depth]uintptr) { copy(pcs[:], pcs[1:]) },
	} {
		if outer(spoil) {
			t.Errorf("%s is taken for the callers", name)
		}
	}
}

func TestCallersFindsNoneWithoutFrames(t *testing.T) {
	frameless = true
	defer func() { frameless = false }()
	pcs := [Depth]uintptr{1, 2}
	if Callers(0, &pcs) || pcs != [Depth]uintptr{} {
		t.Errorf("it finds %x, and says that they are the same", pcs)
	}
	if !Callers(0, &pcs) {
		t.Error("none and none are not the same")
	}
}
