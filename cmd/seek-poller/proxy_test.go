package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// TestDocumentedProxy puts the reverse proxy of docs/support.md before a real port: who has the password can look, nobody can do anything.
func TestDocumentedProxy(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must have nginx")
		}
		t.Skip("nginx is not installed")
	}
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "seek-poller.db"), store.Options{Create: true, Started: store.ReadClock()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	page := listen(t, admin.NewServer(admin.Config{Store: s, Now: store.ReadClock}).Port())
	proxy := startProxy(t, nginx, page)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for _, c := range []struct {
		method, password string
		want             int
	}{
		{http.MethodGet, "", http.StatusUnauthorized},
		{http.MethodGet, "wrong", http.StatusUnauthorized},
		{http.MethodGet, "open sesame", http.StatusOK},
		{http.MethodPost, "open sesame", http.StatusForbidden},
	} {
		r, err := http.NewRequest(c.method, "https://"+proxy+"/api/v1/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.password != "" {
			r.SetBasicAuth("anna", c.password)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != c.want {
			t.Errorf("%s with password %q: %d, want %d (%v)\n%s", c.method, c.password, answer.StatusCode, c.want, err, body)
		}
	}
}

// startProxy runs nginx with the block of the document, on another port and with files of its own.
func startProxy(t *testing.T, nginx, page string) (address string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/support.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "```nginx\n")
	block, _, found := strings.Cut(block, "```")
	if !found {
		t.Fatal("the document has no nginx block")
	}
	dir := t.TempDir()
	address = freeAddress(t)
	block = strings.NewReplacer("listen 8443", "listen "+address, "127.0.0.1:9477", page, "/etc/ssl", dir, "/etc/nginx", dir).Replace(block)
	writeCertificate(t, dir)
	user := ""
	if os.Getuid() == 0 {
		user = "user root;" // its workers may then read the test's directory
	}
	for name, content := range map[string]string{
		"seek-poller.htpasswd": "anna:{PLAIN}open sesame\n",
		"nginx.conf":           fmt.Sprintf("daemon off; %[3]s pid %[1]s/pid; error_log stderr;\nevents {}\nhttp { access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s;\n%[2]s}\n", dir, block, user),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(nginx, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
	out := new(output)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := awaitEnd(cmd); err != nil {
			t.Errorf("nginx ended with: %v\n%s", err, out.String())
		}
	})
	err = eventually(func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	if err != nil {
		t.Fatalf("nginx does not answer: %v\n%s", err, out.String())
	}
	return address
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// writeCertificate makes poller.pem and poller.key, which sign themselves.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"poller.pem": {Type: "CERTIFICATE", Bytes: certificate}, "poller.key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
