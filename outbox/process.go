package outbox

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// termGrace is how long a program has between SIGTERM and SIGKILL. It is less than the lane waits for a send that was cut off, so that
// what came of it is still recorded.
const termGrace = 800 * time.Millisecond

// run starts cmd in a process group of its own and returns when it has ended and nothing of the group is left. The error says that it
// was not started; how it ended is in cmd.ProcessState.
func run(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGTERM) }
	cmd.WaitDelay = termGrace // then os/exec kills the program, and lets go of pipes that somebody outside the group holds open

	// The kernel sends the parent-death signal when the thread that started the program ends, which need not be when we do
	// (https://go.dev/issue/27505). While the goroutine is tied to it, nobody else can end it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := keepFiles(); err != nil {
		return fmt.Errorf("keep our files from it: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	awaitEnd(cmd.Process.Pid)
	unix.Kill(-cmd.Process.Pid, unix.SIGKILL) // an error means that nobody is there any more
	cmd.Wait()                                // its error is the status, or says that the input was not read to its end; neither matters here
	return nil
}

// awaitEnd leaves the ended program as a zombie: until it is waited for, its number, and with it its group's, is nobody else's, so a
// signal to the group cannot hit a stranger.
func awaitEnd(pid int) {
	for {
		var info unix.Siginfo
		if err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT, nil); err != unix.EINTR {
			return
		}
	}
}

// keepFiles marks all our open files as not to be inherited. Go does so with each that it opens; whoever started us may not have.
func keepFiles() error {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, f := range open {
		if fd, err := strconv.Atoi(f.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
	return nil
}
