package main

import (
	"strings"
	"testing"
)

func TestParseTargets(t *testing.T) {
	const text = "\ufeffhttp://a/\r\n" +
		"\n" +
		"  # a comment\n" +
		"\t https://b:8080/x?y=1&z=2#part \n" +
		"   \n" +
		"http://c" // no end of line
	want := []target{
		{1, "http://a/", nil},
		{4, "https://b:8080/x?y=1&z=2#part", nil},
		{6, "http://c", nil},
	}
	got := parseTargets(text)
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("target %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestLongLine(t *testing.T) {
	long := "http://a/" + strings.Repeat("x", 1<<20)
	got := parseTargets(long + "\nhttp://b/\n")
	if len(got) != 2 || got[0].url != long || got[0].err != nil {
		t.Errorf("got %d targets, want the long one and another", len(got))
	}
}

func TestCheckURL(t *testing.T) {
	tests := []struct{ text, want string }{ // part of the error; "" for none
		{"http://host", ""},
		{"HTTPS://HOST/path", ""},
		{"http://[::1]:80/", ""},
		{"http://user:secret@host/", ""},
		{"host", "does not begin with http://"},
		{"host:80/path", "does not begin with http://"},
		{"mailto:a@b", "does not begin with http://"},
		{"/path", "does not begin with http://"},
		{"//host/path", "does not begin with http://"},
		{"ftp://host/", "cannot fetch ftp://"},
		{"http://", "no host"},
		{"http://:80/", "no host"},
		{"http:///path", "no host"},
		{"http://host:port/", "invalid port"},
		{"http://%zz/", "invalid URL escape"},
		{"http://a/\x07", "invalid control character"},
		{"http://a/ http://b/", "more than one word"},
	}
	for _, tt := range tests {
		err := checkURL(tt.text)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%q: %v, want no error", tt.text, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%q: %v, want %q", tt.text, err, tt.want)
		}
	}
}
