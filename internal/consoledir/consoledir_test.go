package consoledir

import "testing"

func TestPidOf(t *testing.T) {
	for _, test := range []struct {
		name string
		pid  int
	}{{"7.sock", 7}, {"123456.sock", 123456}, {"007.sock", 0}, {"+7.sock", 0}, {"-7.sock", 0}, {"0.sock", 0}, {"7", 0}, {".sock", 0}, {"7.sock.tmp", 0}, {"99999999999999999999.sock", 0}} {
		if pid, ok := pidOf(test.name); ok != (test.pid != 0) || ok && pid != test.pid {
			t.Errorf("%s: %d, %v, want %d", test.name, pid, ok, test.pid)
		}
	}
}
