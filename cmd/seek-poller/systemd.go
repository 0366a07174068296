package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
)

// supervisor tells systemd how the daemon fares (sd_notify(3)). Where nobody supervises it says nothing.
type supervisor struct {
	send  func(state string) error // nil: nobody listens
	limit time.Duration            // WatchdogSec; 0: there is no watchdog
	log   *zap.Logger
}

// findSupervisor reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, as systemd sets them.
func findSupervisor(log *zap.Logger) supervisor {
	s := supervisor{log: log}
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return s
	}
	var err error
	if s.send, err = notifier(path); err != nil {
		log.Warn("systemd is not told how this daemon fares: " + err.Error())
		return s
	}
	if s.limit, err = systemd.SdWatchdogEnabled(false); err != nil {
		log.Warn("systemd's watchdog is not served: " + err.Error())
	}
	return s
}

// notifier keeps one socket for all messages, outside of Go's poller: to make one for each has several threads wake one another up, and this is all that
// an idle daemon does.
func notifier(path string) (func(string) error, error) {
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return func(state string) error {
		return unix.Sendto(socket, []byte(state), unix.MSG_NOSIGNAL, &unix.SockaddrUnix{Name: path})
	}, nil
}

// tell sends lines as one message, since some of them mean something only together.
func (s supervisor) tell(lines ...string) {
	if s.send == nil {
		return
	}
	if err := s.send(strings.Join(lines, "\n")); err != nil {
		s.log.Warn("systemd was not told how this daemon fares: " + err.Error())
	}
}

const (
	patience      = 30 * time.Second // that is asked for while the database is opened
	betweenReport = time.Minute
	staleReport   = 10 * time.Minute // after which the status is said anew though nothing happened: time alone can make a problem
)

// open opens the daemon, and asks for more time meanwhile: to bring a large database up to date takes longer than a start may.
func (s supervisor) open(ctx context.Context, cfg *config.Config, withoutCopy bool) (*daemon, error) {
	world := realOutside()
	world.withoutCopy = withoutCopy
	if s.send == nil {
		return openDaemon(ctx, cfg, s.log, world)
	}
	world.loops = newLoops()
	waiting, opened := context.WithCancel(ctx)
	defer opened()
	go func() {
		for waiting.Err() == nil {
			s.tell(fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", patience.Microseconds()), "STATUS=opening the database")
			rest(waiting, patience/3)
		}
	}()
	return openDaemon(ctx, cfg, s.log, world)
}

func (s supervisor) reloading() {
	s.tell(systemd.SdNotifyReloading, strings.TrimSpace(systemd.SdNotifyMonotonicUsec()))
}

// reloaded ends what reloading began, whether or not the new config was taken over.
func (s supervisor) reloaded() { s.tell(systemd.SdNotifyReady) }

func (s supervisor) stopping() { s.tell(systemd.SdNotifyStopping, "STATUS=finishing what is in hand") }

// supervise says that the daemon is ready once every loop turns, and from then on how it fares, until ctx ends. The watchdog is fed only while every
// loop keeps its promise to be heard of: a wait does, however long SEEK wants it, and a loop that is stuck does not.
func (d *daemon) supervise(ctx context.Context, s supervisor) error {
	if s.send == nil {
		return nil
	}
	select {
	case <-d.world.loops.begun:
	case <-ctx.Done():
		return nil
	}
	s.tell(systemd.SdNotifyReady, d.statusLine(ctx))
	pause := betweenReport
	if s.limit > 0 {
		pause = min(pause, s.limit/3)
	}
	var reported time.Time
	for stuck := false; ctx.Err() == nil; rest(ctx, pause) {
		still := d.world.loops.still()
		if len(still) == 0 {
			s.tell(d.reportTo(ctx, &reported)...)
		} else if !stuck {
			s.log.Error("a loop stands still, so the watchdog is not fed and systemd will start this daemon anew", zap.Strings("loops", still))
			s.tell("STATUS=stands still: " + strings.Join(still, ", "))
		}
		stuck = len(still) > 0
	}
	return nil
}

// reportTo feeds the watchdog, and says how the daemon fares where that may have changed: to work it out wakes the machine far more than a
// word to systemd does.
func (d *daemon) reportTo(ctx context.Context, reported *time.Time) []string {
	if !d.stirred.Swap(false) && time.Since(*reported) < staleReport {
		return []string{systemd.SdNotifyWatchdog}
	}
	*reported = time.Now()
	return []string{systemd.SdNotifyWatchdog, d.statusLine(ctx)}
}

// statusLine is what `systemctl status` shows. Everybody on the machine can read it, so it only counts.
func (d *daemon) statusLine(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	report, err := d.admin.Report(ctx)
	if err != nil {
		return "STATUS=the database cannot be read at the moment"
	}
	return "STATUS=" + inWords(report)
}

func inWords(r admin.Report) string {
	var next time.Time
	behind := 0
	for _, s := range r.Streams {
		if at := s.NextQueryAt.Time; !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
		if s.Is != "caught up" {
			behind++
		}
	}
	owed := int64(0)
	for _, d := range r.Destinations {
		owed += d.Owed
	}
	text := fmt.Sprintf("%s, %d owed", caughtUp(len(r.Streams), behind), owed)
	if !next.IsZero() {
		text = "next query at " + next.UTC().Format("15:04:05") + " UTC; " + text
	}
	if n := len(r.Problems); n > 0 {
		text = counted(n, "problem") + " (seek-poller status); " + text
	}
	return text
}

func caughtUp(streams, behind int) string {
	if behind == 0 {
		return counted(streams, "stream") + " caught up"
	}
	return fmt.Sprintf("%d of %s behind", behind, counted(streams, "stream"))
}
