package graphql_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"seekpoller/graphql"
)

// certificate is self-signed and as template says.
func certificate(t *testing.T, template x509.Certificate) (tls.Certificate, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.Subject = big.NewInt(1), pkix.Name{CommonName: canaryPerson}
	template.IsCA, template.BasicConstraintsValid = true, true
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pemFile(t, der)
}

// A certificate that does not do is told by what is wrong with it.
func TestCertificateInWords(t *testing.T) {
	loopback, now := []net.IP{net.IPv4(127, 0, 0, 1)}, time.Now()
	for name, c := range map[string]struct {
		template x509.Certificate
		trusted  bool
		want     string
	}{
		"unknown":       {x509.Certificate{IPAddresses: loopback, NotAfter: now.Add(time.Hour)}, false, " is not from an authority trusted here (a proxy that looks inside? ca_file can add its authority)"},
		"expired":       {x509.Certificate{IPAddresses: loopback, NotAfter: now.Add(-time.Hour)}, true, " has expired or is not valid yet (or this machine's clock is wrong)"},
		"not yet":       {x509.Certificate{IPAddresses: loopback, NotBefore: now.Add(time.Hour), NotAfter: now.Add(2 * time.Hour)}, true, " has expired or is not valid yet (or this machine's clock is wrong)"},
		"another name":  {x509.Certificate{DNSNames: []string{"canary-CANARY.invalid"}, NotAfter: now.Add(time.Hour)}, true, " is for another name"},
		"another usage": {x509.Certificate{IPAddresses: loopback, NotAfter: now.Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}, true, " is not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			own, file := certificate(t, c.template)
			s := httptest.NewUnstartedServer(nil)
			s.TLS = &tls.Config{Certificates: []tls.Certificate{own}}
			s.Config.ErrorLog = quiet()
			s.StartTLS()
			t.Cleanup(s.Close)
			var config graphql.TransportConfig
			if c.trusted {
				config.CAFile = file
			}
			holdWords(t, httpClient(t, config), s.URL, "the certificate of "+s.Listener.Addr().String()+c.want)
		})
	}
}

// Where there is no TLS to speak of, whose fault it is.
func TestNoTLSInWords(t *testing.T) {
	plainHTTP := server(t, serve(200, nil, ""))
	nonsense := raw(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<10))
		_, _ = io.WriteString(conn, canaryPerson)
	})
	old := httptest.NewUnstartedServer(nil)
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.Config.ErrorLog = quiet()
	old.StartTLS()
	t.Cleanup(old.Close)
	for address, want := range map[string]string{
		plainHTTP: "HOST answers in plain HTTP where TLS is wanted: should its address begin with http:?",
		nonsense:  "HOST does not speak TLS",
		old.URL:   "HOST ends the TLS handshake: protocol version not supported",
	} {
		_, host, _ := strings.Cut(address, "//")
		hc := httpClient(t, graphql.TransportConfig{})
		holdWords(t, hc, "https://"+host, strings.Replace(want, "HOST", host, 1))
	}
	e := &endpoint{answer: func(int64, *http.Request) (*http.Response, error) {
		return nil, errors.New("tls: server selected unsupported protocol version 301")
	}}
	holdWords(t, &http.Client{Transport: e}, "https://seek.invalid", "no TLS with seek.invalid: server selected unsupported protocol version 301")
}
