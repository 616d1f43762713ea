// Package files reads and writes files from the tasks of an event loop: what
// package os does, on worker goroutines, while the task is suspended and the
// loop goes on. Python's asyncio has nothing of the kind; its users take the
// aiofiles package.
//
//	f, err := files.Open(ctx, "words.txt")
//	if err != nil {
//		return err
//	}
//	defer f.Close()
//	for lines := bufio.NewScanner(f); lines.Scan(); {
//		fmt.Println(lines.Text())
//	}
//
// A [File] is an io.Reader and so on, so that package bufio, io.Copy and
// encoding/json work on it. Each of its calls takes some microseconds for the
// way to another goroutine and back: read and write much at a time, or through
// package bufio.
//
// # Contexts and goroutines
//
// The calls of a File have no context. In a task they wait on the scope that it
// has opened last, such as that of the WithTimeout around them. On other
// goroutines, and when the loop has ended, they block as those of an os.File.
// In a callback of the loop they panic.
//
// # Cancellation
//
// The system cannot take back a read or a write that is under way. One that is
// abandoned would still move the file's position, write into memory that is the
// caller's again, or change the file behind the back of what cleans up. So calls
// that do such things are waited for: a canceled task goes on when the call has
// ended, and has its result; its next call returns ErrCanceled. A disk keeps no
// one waiting for long. What does, such as a named pipe or a terminal, is for
// streams.OpenPipe.
//
// [ReadFile], [ReadDir] and [Stat] only look, and return at once.
//
// # What is not here
//
// Other functions of package os, such as os.Rename, are one ToThreadFunc away:
//
//	err := asyncio.ToThreadFunc(ctx, func(context.Context) error {
//		return os.Rename(from, to)
//	})
//
// and so are the other methods of an os.File; see [File.OS].
package files
