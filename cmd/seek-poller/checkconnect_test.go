package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// bench is what check --connect tries in a test: a SEEK with TLS, a receiver with a certificate of its own, and files.
type bench struct {
	t       *testing.T
	dir     string
	seek    *simulator.Server
	sent    *int   // requests that destination and heartbeat got
	text    string // the config
	replace []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), seek: simulator.New(simulator.Options{Canary: canary}), sent: new(int)}
	for _, name := range []string{"seek-client-secret", "ats-secret"} {
		b.write(name, secret)
	}
	if err := os.Mkdir(filepath.Join(b.dir, "spool"), 0o750); err != nil {
		t.Fatal(err)
	}
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { *b.sent++ })
	seek, ats := b.secure(b.seek, "ca.pem", time.Hour*24*365), b.secure(count, "ats.pem", time.Hour*24*90)
	beat := "http://" + listen(t, count)
	b.text = fmt.Sprintf(`database: db/seek-poller.db
seek: {endpoint: %[1]s/graphql, token_url: %[1]s/oauth/token, client_id: partner, client_secret_file: seek-client-secret, ca_file: ca.pem}
streams:
  - {name: applications, scheme: seekAnz, start: earliest}
destinations:
  - name: ats
    webhook: {url: %[2]s/hooks, secret_file: ats-secret, ca_file: ats.pem}
  - name: nightly
    exec: {command: [/bin/cat]}
  - name: spool
    directory: {path: spool}
admin: {socket: admin.sock}
heartbeat: {url: %[3]s/%[4]s}
`, seek, ats, beat, canary)
	b.replace = []string{strings.TrimPrefix(seek, "https://"), "SEEK:1", strings.TrimPrefix(ats, "https://"), "ATS:1", strings.TrimPrefix(beat, "http://"), "BEAT:1", b.dir, "DIR"}
	return b
}

func (b *bench) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// secure serves h with a certificate of its own for 127.0.0.1, good for so long, which file has.
func (b *bench) secure(h http.Handler, file string, life time.Duration) string {
	b.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-1000 * time.Hour), NotAfter: time.Now().Add(life + time.Hour),
		Subject: pkix.Name{Organization: []string{"Bench"}}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	b.t.Cleanup(server.Close)
	return server.URL
}

// with is the config with one part of it replaced.
func (b *bench) with(old, other string) *bench {
	b.t.Helper()
	if strings.Count(b.text, old) == 0 {
		b.t.Fatalf("the config has no %q:\n%s", old, b.text)
	}
	b.text = strings.ReplaceAll(b.text, old, other)
	return b
}

// seekAt is where the config's SEEK is.
func (b *bench) seekAt() string { return "https://" + b.replace[0] }

// connection is a run that is yet to be made; its SEEK is b's.
func (b *bench) connection() *connection {
	b.t.Helper()
	b.write("seek-poller.yaml", b.text)
	cfg, err := config.Load(filepath.Join(b.dir, "seek-poller.yaml"), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return newConnection("seek-poller.yaml", cfg, realOutside())
}

// lines is what a run says, with nothing in it that differs from run to run.
func (b *bench) lines(ctx context.Context, c *connection) (string, error) {
	b.t.Helper()
	var out strings.Builder
	err := c.run(ctx, &out, "table")
	if strings.Contains(out.String(), canary) || strings.Contains(out.String(), secret) {
		b.t.Errorf("a secret is shown:\n%s", out.String())
	}
	return b.tidy(out.String()), err
}

func (b *bench) tidy(text string) string {
	text = strings.NewReplacer(b.replace...).Replace(text)
	for _, r := range [][2]string{
		{`127\.0\.0\.1:\d{4,5}`, "HERE:1"}, {`localhost:\d+`, "localhost:1"}, {`(clock) +[0-9hms]+ `, "$1 MUCH "}, {`[0-9.]+ [KMGT]iB of [0-9.]+ [KMGT]iB`, "SOME of MUCH"}, {`\b20\d\d-\d\d-\d\d\b`, "DAY"},
		{`as (root|\w+)(:|, who|; but)`, "as USER$2"}, {`version simulator\S+`, "version V"}, {` +`, " "},
	} {
		text = regexp.MustCompile(r[0]).ReplaceAllString(text, r[1])
	}
	return text
}

// line is what is said of one thing: its line, and the next with what to do.
func line(t *testing.T, text, name string) string {
	t.Helper()
	all := strings.Split(text, "\n")
	i := slices.IndexFunc(all, func(l string) bool { _, rest, _ := strings.Cut(l, " "); return strings.HasPrefix(rest, name+" ") })
	if i < 0 {
		t.Fatalf("nothing is said of %s:\n%s", name, text)
	}
	if strings.HasPrefix(all[i+1], " ") {
		return all[i] + "\n" + all[i+1]
	}
	return all[i]
}

// TestCheckConnect: all is well, in one order, and nobody but SEEK is sent anything.
func TestCheckConnect(t *testing.T) {
	b := newBench(t)
	got, err := b.lines(t.Context(), b.connection())
	got = regexp.MustCompile(`(ok|warn) (disk|permissions) .*\n( .*\n)?`).ReplaceAllString(got, "$2\n") // as the machine is
	want := `ok config seek-poller.yaml is right: 1 stream, 3 destinations
ok clock agrees with SEEK's
disk
permissions
ok DNS 127.0.0.1 is an address, so there is nothing to look up
ok TLS SEEK:1 certificate of 127.0.0.1, by Bench, 365 days left
ok token granted by SEEK:1
ok { version } SEEK:1 is version V
ok destination ats certificate of 127.0.0.1, by Bench, 90 days left
ok destination nightly /bin/cat may be run
ok destination spool files can be written in DIR/spool
ok heartbeat BEAT:1 BEAT:1 takes connections
ok daemon none runs on this database
`
	if got != want || err != nil {
		t.Errorf("%v; got\n%swant\n%s", err, got, want)
	}
	if r := b.seek.Report().Requests; r["events"] != 0 || r["token"] != 1 || r["version"] != 1 || *b.sent != 0 {
		t.Errorf("SEEK was asked %v, and destination and heartbeat were sent %d requests", r, *b.sent)
	}
	if files, err := os.ReadDir(filepath.Join(b.dir, "spool")); err != nil || len(files) > 0 {
		t.Errorf("left behind: %v %v", files, err)
	}
}

// TestCheckConnectColumns: the verdict comes first, and what is said stands in a column of its own.
func TestCheckConnectColumns(t *testing.T) {
	b := newBench(t).with("/bin/cat", "/nonexistent/cat")
	var out strings.Builder
	err := b.connection().run(t.Context(), &out, "table")
	var ended *exitError
	if !errors.As(err, &ended) || ended.code != exitFailed || !strings.Contains(err.Error(), "1 of the 13 things tried failed") {
		t.Errorf("ended with %v", err)
	}
	const name = "destination nightly"
	column := strings.Index(out.String(), "/nonexistent/cat") - strings.Index(out.String(), "FAIL  "+name)
	for l := range strings.Lines(out.String()) {
		if column > len(l) || l[column] == ' ' || l[column-1] != ' ' || l[0] != ' ' && !slices.Contains([]string{"ok    ", "warn  ", "FAIL  "}, l[:6]) {
			t.Errorf("this line is out of line: %s", l)
		}
	}
}

// TestCheckConnectJSON: the same for programs.
func TestCheckConnectJSON(t *testing.T) {
	b := newBench(t).with("path: spool", "path: later")
	b.connection()
	code, stdout, _ := cli(t, "check", "--connect", "-o", "json", "--config", filepath.Join(b.dir, "seek-poller.yaml"))
	var said struct {
		Checks []finding `json:"checks"`
		Failed int       `json:"failed"`
	}
	if err := json.Unmarshal([]byte(stdout), &said); err != nil || code != exitFailed || said.Failed != 1 || len(said.Checks) != 13 {
		t.Fatalf("ended with %d, %v\n%s", code, err, stdout)
	}
	if f := said.Checks[10]; f.Name != "destination spool" || f.State != wrong || !strings.HasPrefix(f.Todo, "make it: install -d") {
		t.Errorf("got %+v", f)
	}
	if first := said.Checks[0]; first.State != doubtful { // the directory was warned of
		t.Errorf("got %+v", first)
	}
}

// TestCheckConnectBadConfig: what is wrong with the config is 78, and says so in the form that was asked for.
func TestCheckConnectBadConfig(t *testing.T) {
	path := checkDir(t, strings.Replace(checkedConfig, "start: now", "strat: now", 1))
	code, stdout, stderr := cli(t, "check", "--connect", "--config", path)
	if code != exitConfig || stdout != "FAIL  config  "+path+" is not right\n        mend what is said below\n" || !strings.Contains(stderr, "did you mean start?") {
		t.Errorf("ended with %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, _ = cli(t, "check", "--connect", "-o", "json", "--config", path)
	if code != exitConfig || !strings.Contains(stdout, `"state": "FAIL"`) || !strings.Contains(stdout, `"failed": 1`) {
		t.Errorf("ended with %d\n%s", code, stdout)
	}
	if code, _, stderr := cli(t, "check", "--connect", "--print", "--config", path); code != exitUsage || !strings.Contains(stderr, "--connect, --print") {
		t.Errorf("both at once ended with %d: %s", code, stderr)
	}
}
