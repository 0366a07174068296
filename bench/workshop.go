package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// workshop is where programs are built, servers run and databases made. All of it is gone after close.
type workshop struct {
	bin     string // of the programs
	work    string // of the databases
	servers []*exec.Cmd
}

func newWorkshop(dir string) (*workshop, error) {
	bin, err := os.MkdirTemp("", "bench-bin-")
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(dir, "bench-")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(bin))
	}
	return &workshop{bin: bin, work: work}, nil
}

func (w *workshop) close() {
	for _, s := range w.servers {
		s.Process.Kill()
		s.Wait()
	}
	os.RemoveAll(w.bin)
	os.RemoveAll(w.work)
}

// build makes a Go program of this module.
func (w *workshop) build(ctx context.Context, pkg string) (string, error) {
	program := filepath.Join(w.bin, strings.ReplaceAll(pkg, "/", "-"))
	return program, command(ctx, "go", "build", "-o", program, "./"+pkg)
}

// command runs a tool that is to succeed. Its error is the first line of what the tool said.
func command(ctx context.Context, name string, args ...string) error {
	said, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err == nil {
		return nil
	}
	if first, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n"); first != "" {
		return fmt.Errorf("%s: %s", name, first)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// serve starts a server in a process of its own, which prints its address as its first line.
func (w *workshop) serve(program string, args ...string) (url string, err error) {
	server := exec.Command(program, args...)
	server.Stderr = os.Stderr
	if _, err := server.StdinPipe(); err != nil { // it closes when this process ends, and the server ends with it
		return "", err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := server.Start(); err != nil {
		return "", err
	}
	w.servers = append(w.servers, server)
	line, err := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line), err
}

// ask reads what a server says at url.
func ask(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	return string(said), err
}
