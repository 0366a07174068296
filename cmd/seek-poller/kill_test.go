package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"seekpoller/internal/simulator"
)

// TestMain lets the test binary be the program: a test that kills a real process starts itself with this variable set.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_AS_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

const killConfig = `
database: %[1]s/seek-poller.db
admin: {socket: %[1]s/admin.sock, listen: ""}
seek:
  endpoint: http://%[2]s/graphql
  token_url: http://%[2]s/oauth/token
  client_id: partner
  client_secret_file: %[1]s/secret
  timeout: 1s
  query_interval: 200ms
  quiet_period: 2s
streams:
  - {name: all, scheme: seekAnz, start: earliest, schedule: "@every 1s"}
destinations:
  - name: ats
    webhook: {url: "http://%[3]s/seek", secret_file: %[1]s/secret, timeout: 5s}
`

var killsFlag = flag.Int("kills", 0, "how often TestKill9 kills the program; 0: 40 times, and 8 times with -short")

// killsARound is how many kills one database sees: later, it would take longer to open than to be killed.
const killsARound = 100

// TestKill9 pages through thousands of events with a real process that is killed again and again, with all that it has started: at any time, between
// request and answer, and between answer and commit.
func TestKill9(t *testing.T) {
	t.Parallel()
	kills := *killsFlag
	switch {
	case kills > 0:
	case testing.Short():
		kills = 8
	default:
		kills = 40
	}
	seed := rand.Uint64()
	if *seedFlag != 0 {
		seed = uint64(*seedFlag)
	}
	sum := new(killSum)
	t.Cleanup(func() { sum.check(t, seed) })
	for round := uint64(0); kills > 0; round++ {
		n := min(kills, killsARound)
		kills -= n
		t.Run(fmt.Sprint("round ", round), func(t *testing.T) {
			t.Parallel()
			killRound(t, n, rand.New(rand.NewPCG(seed, round)), sum)
		})
	}
}

// killRound kills the program n times on one database, lets it come to an end, and asks SEEK and the receiver what they saw.
func killRound(t *testing.T, n int, rng *rand.Rand, sum *killSum) {
	k := newKillSite(t, 1500)
	for range n {
		k.live(t, rng)
		if report := k.seek.Report(); report.Events-report.Served < 500 {
			k.seek.Add(500)
		}
	}
	k.finish(t)
	report, handed := k.seek.Report(), simulator.Compare(k.seek, k.receiver.Accepted())
	for _, v := range report.Violations {
		t.Errorf("violation: %+v", v)
	}
	if len(handed.Lost) > 0 || report.Served != report.Events {
		t.Errorf("lost %v; served %d of %d", handed.Lost, report.Served, report.Events)
	}
	unanswered, uncommitted := k.askedAgain()
	sum.mu.Lock()
	defer sum.mu.Unlock()
	sum.kills += n
	sum.queries += report.Queries
	sum.events += report.Events
	sum.owed += handed.Owed
	sum.lost += len(handed.Lost)
	sum.twice += len(handed.Twice)
	sum.unanswered += unanswered
	sum.uncommitted += uncommitted
	if sum.smallest == 0 || report.SmallestGap < sum.smallest {
		sum.smallest = report.SmallestGap
	}
}

// killSum is what all rounds saw.
type killSum struct {
	mu                                        sync.Mutex // guards the rest
	kills, queries, events, owed, lost, twice int
	unanswered, uncommitted                   int // pages asked again
	smallest                                  time.Duration
}

func (s *killSum) check(t *testing.T, seed uint64) {
	t.Logf("seed %d: %d kills, %d queries, smallest gap %v, %d events, %d owed, %d lost, %d delivered twice", seed, s.kills, s.queries, s.smallest, s.events, s.owed, s.lost, s.twice)
	t.Logf("pages asked again: %d that had not been answered, %d that had been answered and not committed", s.unanswered, s.uncommitted)
	if s.kills >= 40 && (s.unanswered == 0 || s.uncommitted == 0) {
		t.Error("the kills missed the places that matter: this run proved little")
	}
}

// askedAgain counts the pages that were asked for again because a kill came before their answer, or between their answer and its commit.
func (k *killSite) askedAgain() (unanswered, uncommitted int) {
	queries := k.seek.Queries()
	for i := 1; i < len(queries); i++ {
		switch q := queries[i-1]; {
		case queries[i].After != q.After || q.EndCursor == q.After: // it moved on, or had nowhere to go
		case q.Answered:
			uncommitted++
		default:
			unanswered++
		}
	}
	return unanswered, uncommitted
}

// killSite is a real SEEK and a real receiver on loopback, and a real process.
type killSite struct {
	dir      string
	seek     *simulator.Server
	receiver *simulator.Receiver
	asked    chan struct{} // a query has arrived
	answered chan struct{} // its answer was written
}

// answerTime is how long the simulator takes for the nth page.
func answerTime(n int) time.Duration { return time.Duration(n%4) * 100 * time.Millisecond }

func newKillSite(t *testing.T, events int) *killSite {
	k := &killSite{dir: memoryDir(t), asked: make(chan struct{}, 1), answered: make(chan struct{}, 1)}
	k.seek = simulator.New(simulator.Options{Seed: 5, Interval: 200 * time.Millisecond, Quiet: 2 * time.Second, PageLatency: answerTime, Canary: canary})
	k.receiver = simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Canary: canary})
	k.seek.Add(events)
	k.seek.Fault(func(r simulator.Request) simulator.Fault {
		if r.Kind == "events" {
			notify(k.asked)
		}
		return simulator.Fault{}
	})
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.seek.ServeHTTP(w, r)
		if r.URL.Path == "/graphql" {
			http.NewResponseController(w).Flush()
			notify(k.answered)
		}
	})
	text := fmt.Sprintf(killConfig, k.dir, listen(t, front), listen(t, k.receiver))
	for name, content := range map[string]string{"config.yaml": text, "secret": secret} {
		if err := os.WriteFile(filepath.Join(k.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// notify tells whoever waits, and nobody if nobody does.
func notify(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

// output is what a process wrote so far.
type output struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// program starts the daemon as a process of its own.
func (k *killSite) program(t *testing.T, ctx context.Context) (*exec.Cmd, *output) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, "run", "--config", filepath.Join(k.dir, "config.yaml"))
	cmd.Env = append(os.Environ(), "TEST_AS_PROGRAM=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out := new(output)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

var errOverdue = errors.New("it did not end within two minutes")

// awaitEnd waits for a process that was told to end, and for whoever else has its output. One that takes too long is killed with its group, after it was asked
// what its goroutines do: a test that waits for ever says nothing.
func awaitEnd(cmd *exec.Cmd) error {
	ask := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) })
	kill := time.AfterFunc(2*time.Minute+5*time.Second, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer kill.Stop()
	err := cmd.Wait()
	if !ask.Stop() {
		return fmt.Errorf("%w: %v", errOverdue, err)
	}
	return err
}

// awaitQuery waits for the next query that arrives.
func (k *killSite) awaitQuery(t *testing.T) {
	t.Helper()
	select {
	case <-k.asked:
	case <-time.After(2 * time.Minute):
		t.Fatal("no query within two minutes")
	}
}

// live lets the process live through a few queries, and kills it at any time, between a request and its answer, or between an answer and
// its commit.
func (k *killSite) live(t *testing.T, rng *rand.Rand) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd, out := k.program(t, ctx)
	when, longest := k.asked, 400*time.Millisecond
	switch rng.IntN(3) {
	case 1:
		longest = 250 * time.Millisecond
	case 2:
		when, longest = k.answered, 3*time.Millisecond
	}
	for range rng.IntN(4) + 1 {
		select {
		case <-when: // an old one
		default:
		}
		select {
		case <-when:
		case <-ctx.Done():
			t.Fatalf("no query within a minute:\n%s", tail(out.String()))
		}
	}
	time.Sleep(time.Duration(rng.Int64N(int64(longest))))
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if cmd.Wait(); cmd.ProcessState.Exited() {
		t.Fatalf("the process had ended by itself: %v\n%s", cmd.ProcessState, tail(out.String()))
	}
	k.checkOutput(t, out.String())
}

// finish lets the process work until everything has arrived, and stops it as systemd would.
func (k *killSite) finish(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd, out := k.program(t, ctx)
	for k.seek.Report().Served < k.seek.Report().Events || len(simulator.Compare(k.seek, k.receiver.Accepted()).Lost) > 0 {
		select {
		case <-ctx.Done():
			report, handed := k.seek.Report(), simulator.Compare(k.seek, k.receiver.Accepted())
			t.Fatalf("not everything arrived in time: served %d of %d, lost %v\n%s", report.Served, report.Events, handed.Lost, tail(out.String()))
		case <-time.After(100 * time.Millisecond):
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := awaitEnd(cmd); err != nil {
		t.Errorf("stopped, the process ended with: %v\n%s", err, tail(out.String()))
	}
	k.checkOutput(t, out.String())
}

func (k *killSite) checkOutput(t *testing.T, out string) {
	t.Helper()
	for _, word := range []string{secret, canary, "Bearer"} {
		if strings.Contains(out, word) {
			t.Errorf("the program printed %q", word)
		}
	}
}
