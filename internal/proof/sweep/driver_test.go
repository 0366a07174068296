package sweep_test

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The test binary runs itself again as the driver, which works through one chapter of a database.
const (
	chapterVariable = "SWEEP_TEST_CHAPTER"
	pathVariable    = "SWEEP_TEST_DATABASE"
	journalVariable = "SWEEP_TEST_JOURNAL"
)

// strace counts calls by thread, so the driver has one that makes them: the locked main thread.
func init() { runtime.LockOSThread() }

func TestMain(m *testing.M) {
	name := os.Getenv(chapterVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	j, err := openJournal(os.Getenv(journalVariable))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	h := newHand(os.Getenv(pathVariable))
	h.note, h.begun = j.note, markBegin
	if !h.live(chapterNamed(name), 0) {
		os.Exit(1)
	}
	os.Exit(0)
}

const beginMark = "/seek-poller-sweep-begins"

// markBegin makes a call that stands out in the trace: what comes before it is no part of the chapter.
func markBegin() { _ = unix.Access(beginMark, unix.F_OK) }

const journalBytes = 1 << 16

// journal is what the driver was told, in a file that is shared memory: to write into it is no system call, so strace can neither fail it nor count it, and
// it outlives the process.
type journal struct {
	memory []byte
	used   int
}

func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	memory, err := unix.Mmap(int(f.Fd()), 0, journalBytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	return &journal{memory: memory}, err
}

func (j *journal) note(line string) { j.used += copy(j.memory[j.used:], line+"\n") }
