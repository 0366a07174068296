package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	stillAfter = 90 * time.Second // without any use of the processor: no test rests so long
	glance     = 2 * time.Second
)

// watched runs a command to its end, or until it has stood still for a while: a mutant that waits for ever was noticed.
func watched(cmd *exec.Cmd) (out []byte, still bool, err error) {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return nil, false, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	used, since := "", time.Now()
	for {
		select {
		case err := <-done:
			return said.Bytes(), still, err
		case <-time.After(glance):
		}
		if now := usedBy(cmd.Process.Pid); now != used {
			used, since = now, time.Now()
		} else if time.Since(since) > stillAfter {
			still = true
			_ = cmd.Process.Kill()
		}
	}
}

// usedBy is the time of the processor that a process has used, in tenths of a second, as a text (proc_pid_stat(5)).
func usedBy(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	var user, system int
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	return fmt.Sprint((user + system) / 10)
}
