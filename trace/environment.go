package trace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
)

func init() {
	config.Trace.OnStart(func(value string) error {
		f, err := newFiles(value, os.Stderr)
		if err == nil {
			engine.OnNewLoop(f.record)
		}
		return err
	})
}

const (
	// sizeOfFiles has room for some 1,500,000 events, so that the file mostly has the
	// beginning of the program.
	sizeOfFiles = 64 << 20

	// clockOfFiles is how far the times of files may be behind the clock.
	clockOfFiles = 20 * time.Millisecond

	// mostFiles is how many files are written: the tests of a package are thousands
	// of runs.
	mostFiles = 100
)

// files are what ASYNCIO_TRACE asks for: a file for each time in which loops ran, from
// the first one that was made to the last that has ended.
type files struct {
	name   string // as the variable has it
	log    io.Writer
	loaded time.Time // when the process began to record

	mu       sync.Mutex
	recorder *Recorder // of the loops that run
	running  int
	written  int
}

// newFiles returns an error if no file of the name can be written.
func newFiles(name string, log io.Writer) (*files, error) {
	name = strings.ReplaceAll(name, "%p", strconv.Itoa(os.Getpid()))
	dir := filepath.Dir(name)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("nothing is recorded, for there is no directory %s: make it, or name a file in another one", dir)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, fmt.Errorf("nothing is recorded, for %s is a directory: name a file", name)
	}
	return &files{name: name, log: log, loaded: time.Now()}, nil
}

// record is called with each new loop.
func (f *files) record(l *engine.Loop) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.written == mostFiles {
		return
	}
	if f.running == 0 {
		f.recorder = New(Size(sizeOfFiles))
	}
	f.running++
	f.recorder.attach(l)
	l.AtEnd(&fileOfLoop{f, l})
}

// A fileOfLoop is told when the loop ends.
type fileOfLoop struct {
	files *files
	loop  *engine.Loop
}

// LoopClosed makes it an engine.Ending. It is called before Run returns, so that the file
// is there when the program ends.
func (o *fileOfLoop) LoopClosed() {
	f := o.files
	f.mu.Lock()
	defer f.mu.Unlock()
	f.recorder.detach(o.loop)
	if f.running--; f.running > 0 {
		return
	}
	rec := f.recorder.Recording()
	f.recorder = nil
	f.written++
	if err := f.write(rec); err != nil {
		fmt.Fprintf(f.log, "asyncio: %s: the recording could not be written: %v\n", config.Trace.Name, err)
	}
	if f.written == mostFiles {
		fmt.Fprintf(f.log, "asyncio: %s: no more is recorded after %d files\n", config.Trace.Name, mostFiles)
	}
}

func (f *files) write(rec *Recording) (err error) {
	out, err := f.create()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	format := "open it at https://ui.perfetto.dev"
	if isJSON(out.Name()) {
		format, err = "it is a recording in JSON", rec.WriteJSON(out)
	} else {
		err = rec.WritePerfetto(out)
	}
	if err != nil {
		return err
	}
	dropped := ""
	if n := rec.Dropped(); n > 0 {
		dropped = fmt.Sprintf("; %d events before them are LOST, for there were too many", n)
	}
	fmt.Fprintf(f.log, "asyncio: %s: %d events are in %s: %s%s\n", config.Trace.Name, rec.count(), out.Name(), format, dropped)
	return nil
}

func isJSON(name string) bool { return strings.EqualFold(filepath.Ext(name), ".json") }

// create makes the file, under the name that was asked for. From the second file of a
// process on, the name gets a number. A file that is older than the process is
// overwritten. A younger file belongs to another process with the same variable, perhaps
// a child; then the number of the process becomes a part of the name.
func (f *files) create() (*os.File, error) {
	var parts []string
	if f.written > 1 {
		parts = append(parts, strconv.Itoa(f.written))
	}
	name := withParts(f.name, parts)
	if info, err := os.Stat(name); err == nil && info.ModTime().After(f.loaded.Add(-clockOfFiles)) {
		name = withParts(f.name, append([]string{strconv.Itoa(os.Getpid())}, parts...))
	} else if err == nil {
		return os.Create(name)
	}
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) { // another process was a moment faster, or had the same number long ago
		return os.Create(withParts(f.name, append([]string{strconv.Itoa(os.Getpid())}, parts...)))
	}
	return out, err
}

// withParts puts parts before the extension of a name: trace-2.json.
func withParts(name string, parts []string) string {
	ext := filepath.Ext(name)
	return strings.Join(append([]string{strings.TrimSuffix(name, ext)}, parts...), "-") + ext
}

// count returns how many events there are.
func (r *Recording) count() (n uint64) {
	for _, b := range r.blocks {
		n += b.events()
	}
	return n
}
