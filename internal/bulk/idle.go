package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	settling = 75 * time.Second // after the last page, so that systemd has been told of it too
	scrapes  = 1000
	warming  = 50 // scrapes before them: the first ones make what the others use
)

// footprint is what a daemon is noticed by while nothing is to be done.
type footprint struct {
	BinaryBytes      int64        `json:"binary_bytes"`
	Ready            milliseconds `json:"ready_ms"` // of several starts, the median
	Resident         int64        `json:"resident_kib"`
	Anonymous        int64        `json:"anonymous_kib"` // of them, not of the program's file
	Scraped          int64        `json:"resident_after_scrapes_kib"`
	Peak             int64        `json:"peak_kib"`
	Descriptors      int          `json:"descriptors"`
	Threads          int64        `json:"threads"`
	Seconds          float64      `json:"watched_seconds"`
	WakeUps          int64        `json:"wake_ups"` // tenths of a second in which a thread was woken, by the kernel's counters
	WakeUpsPerSecond float64      `json:"wake_ups_per_second"`
	Switches         int64        `json:"voluntary_switches"` // of all threads; Go's own watcher makes most of them while another thread runs
}

// measureIdle measures a daemon between two schedules.
func measureIdle(ctx context.Context, binary, file string, watched time.Duration, starts int, out io.Writer) (err error) {
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	f := footprint{BinaryBytes: info.Size()}
	if file == "" {
		dir, err := os.MkdirTemp("", "bulk-*")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		file = filepath.Join(dir, "seek-poller.db")
	}
	s := surroundings{database: file, interval: time.Second, quiet: 15 * time.Minute, events: 250, supervised: true}
	p, err := startProgram(ctx, binary, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := p.caughtUp(ctx); err != nil {
		return err
	}
	if f.Ready, err = p.startAgain(ctx, s, starts, out); err != nil {
		return err
	}
	if watched == 0 {
		return nil
	}
	time.Sleep(settling)
	if err := f.watch(ctx, p, watched); err != nil {
		return err
	}
	fmt.Fprintf(out, "binary %.1f MiB; resident %.1f MiB (%.1f of it not the program's file), %.1f after %d scrapes, peak %.1f; %d descriptors, %d threads; %d wake-ups in %.0f s, %.3f a second (%d switches)\n",
		float64(f.BinaryBytes)/(1<<20), float64(f.Resident)/1024, float64(f.Anonymous)/1024, float64(f.Scraped)/1024, scrapes, float64(f.Peak)/1024,
		f.Descriptors, f.Threads, f.WakeUps, f.Seconds, f.WakeUpsPerSecond, f.Switches)
	return json.NewEncoder(out).Encode(f)
}

// startAgain ends the program and starts it, so often, every other time with nothing of the database in memory.
func (p *program) startAgain(ctx context.Context, s surroundings, starts int, out io.Writer) (milliseconds, error) {
	var warm, cold []milliseconds
	for n := range starts {
		if err := p.end(); err != nil {
			return 0, err
		}
		if n%2 == 1 {
			if err := forget(s.database); err != nil {
				return 0, err
			}
		}
		if err := p.start(ctx, s); err != nil {
			return 0, err
		}
		if n%2 == 0 {
			warm = append(warm, inMilliseconds(p.ready))
		} else {
			cold = append(cold, inMilliseconds(p.ready))
		}
	}
	if len(cold) == 0 {
		return 0, nil
	}
	slices.Sort(warm)
	slices.Sort(cold)
	fmt.Fprintf(out, "start to READY=1: median %.0f ms of %d starts, longest %.0f; with nothing of the database in memory %.0f of %d, longest %.0f\n",
		warm[len(warm)/2], len(warm), warm[len(warm)-1], cold[len(cold)/2], len(cold), cold[len(cold)-1])
	return warm[len(warm)/2], nil
}

// caughtUp waits for the stream's last page.
func (p *program) caughtUp(ctx context.Context) error {
	for ctx.Err() == nil {
		cursors, err := p.verb(ctx, "cursors", "list")
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(cursors)) {
			if strings.Contains(line, p.stream) && strings.Contains(line, "caught up") {
				return nil
			}
		}
		time.Sleep(time.Second)
	}
	return ctx.Err()
}

func (f *footprint) watch(ctx context.Context, p *program, d time.Duration) error {
	pid := p.cmd.Process.Pid
	begun := time.Now()
	first, err := switches(pid)
	for last := first; err == nil && time.Since(begun) < d; {
		time.Sleep(100 * time.Millisecond)
		var now int64
		if now, err = switches(pid); now != last {
			f.WakeUps++
		}
		last = now
		f.Switches = now - first
		err = errors.Join(err, ctx.Err())
	}
	if err != nil {
		return err
	}
	f.Seconds = time.Since(begun).Seconds()
	f.WakeUpsPerSecond = float64(f.WakeUps) / f.Seconds
	if err := p.scrape(warming); err != nil {
		return err
	}
	status, err := statusOf(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return err
	}
	f.Resident, f.Anonymous, f.Threads = status["VmRSS"], status["RssAnon"], status["Threads"]
	descriptors, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	f.Descriptors = len(descriptors)
	if err != nil {
		return err
	}
	if err := p.scrape(scrapes); err != nil {
		return err
	}
	status, err = statusOf(fmt.Sprintf("/proc/%d/status", pid))
	f.Scraped, f.Peak = status["VmRSS"], status["VmHWM"]
	return err
}

func (p *program) scrape(times int) error {
	for range times {
		if err := get("http://" + p.address + "/metrics"); err != nil {
			return err
		}
	}
	return nil
}

func get(address string) error {
	response, err := http.Get(address)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return errors.Join(err, response.Body.Close())
}

// switches counts how often threads of a process went to sleep of themselves, and so had been woken.
func switches(pid int) (n int64, err error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, thread := range threads {
		status, err := statusOf(thread)
		if err != nil {
			return 0, err
		}
		n += status["voluntary_ctxt_switches"]
	}
	return n, err
}

// statusOf reads the numbers of a status file of the kernel's.
func statusOf(path string) (map[string]int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	found := map[string]int64{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		if fields := strings.Fields(rest); len(fields) > 0 {
			if n, err := strconv.ParseInt(fields[0], 10, 64); err == nil {
				found[name] = n
			}
		}
	}
	return found, lines.Err()
}

func inMilliseconds(d time.Duration) milliseconds { return milliseconds(d.Seconds() * 1000) }
