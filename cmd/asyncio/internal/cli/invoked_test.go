package cli

import "testing"

func TestInvoked(t *testing.T) {
	for _, test := range []struct{ arg0, want string }{
		{"asyncio", "asyncio"},
		{"./asyncio", "./asyncio"},
		{"/usr/local/bin/asyncio", "asyncio"},
		{"bin/asyncio.exe", "bin/asyncio"},
		{"/tmp/go-build123/b001/exe/asyncio", "go run ./cmd/asyncio"},
		{"/home/ada/.cache/go-build/ab/abcd-d/asyncio", "go run ./cmd/asyncio"},
	} {
		t.Run(test.arg0, func(t *testing.T) {
			t.Chdir("../../../..") // the root of the module, if all of it is here
			if got := invoked(test.arg0); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestInvokedInItsFolder(t *testing.T) {
	t.Chdir("../..")
	if got := invoked("/tmp/go-build123/b001/exe/asyncio"); got != "go run ." {
		t.Errorf("got %q", got)
	}
}
