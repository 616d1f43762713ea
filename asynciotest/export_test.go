package asynciotest

// ExploreTB is Explore for a test of ours that must fail.
var ExploreTB = exploreTB

// Replay makes Explore replay, as the flag does.
func Replay(word string) (reset func()) {
	old := *replayFlag
	*replayFlag = word
	return func() { *replayFlag = old }
}
