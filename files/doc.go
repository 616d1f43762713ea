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
// encoding/json work on it. Each call takes some microseconds for the switch to another
// goroutine and back: read and write large pieces, or use package bufio.
//
// # Contexts and goroutines
//
// The methods of a File take no context. In a task they wait on the scope that the task
// has opened last, such as that of the WithTimeout around them. On other goroutines, and
// when the loop has ended, they block as those of an os.File. In a callback of the loop
// they panic.
//
// # Cancellation
//
// The system cannot stop a read or a write that has begun. If the task did not wait for
// it, the call would still move the file's position, write into memory that the caller
// uses again, or change the file while deferred functions clean up. So a canceled task
// goes on only when such a call has ended, and gets its result; its next call returns
// ErrCanceled. A disk answers soon. For files that may not, such as a named pipe or a
// terminal, use streams.OpenPipe.
//
// [ReadFile], [ReadDir] and [Stat] change nothing, so they return at once when they are
// canceled.
//
// # What is not here
//
// Call other functions of package os, such as os.Rename, with ToThreadFunc:
//
//	err := asyncio.ToThreadFunc(ctx, func(context.Context) error {
//		return os.Rename(from, to)
//	})
//
// The same holds for the other methods of an os.File; see [File.OS].
package files
