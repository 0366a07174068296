package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"seekpoller/internal/simulator"
)

const (
	defaultLength = 2 * time.Hour
	secret        = "a-secret-of-the-soak"
)

// soak is the program in real time.
type soak struct {
	length   time.Duration
	restarts int

	dir      string
	seek     *simulator.Server
	receiver *simulator.Receiver
	begun    time.Time
	samples  []sample
}

// sample is what a process used some time after its start.
type sample struct {
	at, age time.Duration // since the soak, and the process, began
	rss     int           // KiB
	files   int
}

const soakConfig = `
database: seek-poller.db
admin: {socket: admin.sock, listen: ""}
seek: {endpoint: "http://%[1]s/graphql", token_url: "http://%[1]s/oauth/token", client_id: soak, client_secret_file: secret}
streams:
  - {name: applications, scheme: seekAnz, event_types: [CandidateApplicationCreated], start: earliest}
  - {name: positions, scheme: seekAnz, event_types: [PositionProfilePosted, PositionProfileClosed, PositionProfileUpdated], start: earliest}
destinations:
  - {name: ats, webhook: {url: "http://%[2]s/seek", secret_file: secret}}
`

func (s *soak) run(ctx context.Context) error {
	var err error
	if s.dir, err = os.MkdirTemp("", "seek-poller-soak-"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir)
	if err := s.build(ctx); err != nil {
		return err
	}
	if err := s.stage(); err != nil {
		return err
	}
	s.begun = time.Now()
	ctx, cancel := context.WithTimeout(ctx, s.length)
	defer cancel()
	for life := 0; ctx.Err() == nil; life++ {
		length := time.Duration((0.5 + rand.Float64()) * float64(s.length) / float64(s.restarts+1))
		if life == s.restarts {
			length = s.length // the last one lives until the end
		}
		if err := s.live(ctx, life, length); err != nil {
			return err
		}
	}
	return s.report()
}

// build makes the program as deploy/release does, apart from how it is linked.
func (s *soak) build(ctx context.Context) error {
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", filepath.Join(s.dir, "seek-poller"), "./cmd/seek-poller")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	return build.Run()
}

func (s *soak) stage() error {
	s.seek = simulator.New(simulator.Options{Seed: 1})
	s.receiver = simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret)})
	s.seek.Add(20_000)
	seekAt, err := serve(s.seek)
	if err != nil {
		return err
	}
	receiverAt, err := serve(s.receiver)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(s.dir, "secret"), []byte(secret), 0o600),
		os.WriteFile(filepath.Join(s.dir, "seek-poller.yaml"), fmt.Appendf(nil, soakConfig, seekAt, receiverAt), 0o600))
}

func serve(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go (&http.Server{Handler: h}).Serve(l)
	return l.Addr().String(), nil
}

// live lets one process live for a while, and ends it: every other time without a warning.
func (s *soak) live(ctx context.Context, life int, length time.Duration) error {
	cmd := exec.Command(filepath.Join(s.dir, "seek-poller"), "run", "--config", "seek-poller.yaml")
	cmd.Dir = s.dir
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	begun := time.Now()
	over, ticker := time.After(length), time.NewTicker(20*time.Second)
	defer ticker.Stop()
	for waiting := true; waiting; {
		select {
		case err := <-ended:
			return fmt.Errorf("the program ended by itself: %w\n%s", err, out.String())
		case <-ticker.C:
			s.measure(cmd.Process.Pid, begun)
		case <-over:
			waiting = false
		case <-ctx.Done():
			waiting = false
		}
	}
	how := syscall.SIGTERM
	if life%2 == 1 && ctx.Err() == nil {
		how = syscall.SIGKILL
	}
	if err := cmd.Process.Signal(how); err != nil {
		return err
	}
	if err := <-ended; err != nil && how == syscall.SIGTERM {
		return fmt.Errorf("stopped, the program ended with %w\n%s", err, out.String())
	}
	r := s.seek.Report()
	fmt.Printf("%7s  life %d ended by %v: %d queries, smallest gap %v, %d violations, %d events accepted\n",
		time.Since(s.begun).Round(time.Second), life+1, how, r.Queries, r.SmallestGap.Round(time.Millisecond), len(r.Violations), len(s.receiver.Accepted()))
	return nil
}

func (s *soak) measure(pid int, begun time.Time) {
	at := sample{at: time.Since(s.begun), age: time.Since(begun)}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return // it has just ended
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			at.rss, _ = strconv.Atoi(strings.Fields(rest)[0])
		}
	}
	if files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)); err == nil {
		at.files = len(files)
	}
	s.samples = append(s.samples, at)
}

// report says what SEEK saw, and fails if it was not as promised.
func (s *soak) report() error {
	r := s.seek.Report()
	handed := simulator.Compare(s.seek, s.receiver.Accepted())
	fmt.Printf("\n%v, %d restarts: %d queries, smallest gap %v, %d violations; %d events answered, %d accepted by the receiver, of those %d twice\n",
		time.Since(s.begun).Round(time.Second), s.restarts, r.Queries, r.SmallestGap, len(r.Violations), r.Served, len(s.receiver.Accepted()), len(handed.Twice))
	for _, v := range r.Violations {
		fmt.Printf("violation: %+v\n", v)
	}
	s.reportUse()
	if len(r.Violations) > 0 || r.Queries > int(time.Since(s.begun)/time.Minute)+1 {
		return errors.New("SEEK's rules were broken")
	}
	return nil
}

// reportUse compares processes of more than two minutes of age in the first and the last third of the time.
func (s *soak) reportUse() {
	for third, name := range []string{"first", "second", "last"} {
		most := sample{}
		n := 0
		for _, at := range s.samples {
			if at.age > 2*time.Minute && int(3*at.at/(s.length+1)) == third {
				most.rss, most.files = max(most.rss, at.rss), max(most.files, at.files)
				n++
			}
		}
		fmt.Printf("%-6s third: at most %.1f MiB resident and %d open files (%d samples of processes older than 2 minutes)\n", name, float64(most.rss)/1024, most.files, n)
	}
}
