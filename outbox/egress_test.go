package outbox_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"seekpoller/outbox"
)

const metadata = "a link-local address, where clouds keep their metadata"

// TestNeverConnected: link-local and metadata addresses in all their spellings, and what is no host's.
func TestNeverConnected(t *testing.T) {
	const same = "another form of 169.254.169.254, " + metadata
	for address, want := range map[string]string{
		"169.254.169.254": metadata, "169.254.0.0": metadata, "169.254.255.255": metadata, "169.254.170.2": metadata,
		"100.100.100.200": "the metadata address of Alibaba Cloud", "192.0.0.192": "the metadata address of Oracle Cloud", "168.63.129.16": "the metadata address of Azure",
		"0.0.0.0": "an address of no host", "0.255.255.255": "an address of no host", "::": "an address of no host",
		"224.0.0.1": "a multicast address", "239.255.255.255": "a multicast address", "255.255.255.255": "the broadcast address",
		"fe80::1": "a link-local address", "fe80::1%eth0": "a link-local address", "febf:ffff::1": "a link-local address", "ff02::1": "a multicast address",
		"fd00:ec2::254": "a metadata address of AWS", "fd00:ec2::23": "a metadata address of AWS",
		"fd20:ce::254": "the metadata address of Google Cloud", "fd00:42::42": "the metadata address of Scaleway",
		"::ffff:169.254.169.254": metadata, "::ffff:a9fe:a9fe%eth0": metadata, "::ffff:0.0.0.0": "an address of no host", // IPv4-mapped
		"::ffff:0:a9fe:a9fe": same, "::a9fe:a9fe": same, // SIIT, IPv4-compatible
		"64:ff9b::a9fe:a9fe": same, "64:ff9b::6464:64c8": "another form of 100.100.100.200, the metadata address of Alibaba Cloud", // NAT64
		"64:ff9b::": "another form of 0.0.0.0, an address of no host", "64:ff9b::ffff:ffff": "another form of 255.255.255.255, the broadcast address",
		"64:ff9b:1:a9fe:00a9:fe00::": same, "64:ff9b:1:12a9:00fe:a9fe::": same, "64:ff9b:1:1234:00a9:fea9:fe00:0": same, "64:ff9b:1:1234:5678:9abc:a9fe:a9fe": same, // with a prefix of 48, 56, 64 and 96 bits
		"2002:a9fe:a9fe::1": same, "2002:a9fe:a9fe:1:2:3:4:5": same, // 6to4
		"2001:0:a9fe:a9fe::1": same, "2001:0:808:808:0:0:5601:5601": same, // Teredo's server and client
	} {
		if got := outbox.Forbidden(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

// TestMayBeConnected: private and loopback addresses, which partners have, the neighbours of those above, and translated ones.
func TestMayBeConnected(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "fd12:3456::1", "fc00::1", "100.64.0.1",
		"8.8.8.8", "2606:4700::1111", "1.0.0.0", "169.253.255.255", "169.255.0.0", "100.100.100.201", "192.0.0.193", "168.63.129.17", "223.255.255.255", "240.0.0.1",
		"fe7f::1", "fec0::1", "fd00:ec1::254", "fd00:ec3::254", "fd20:ce::255", "64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "64:ff9b:1:a00:1::",
		"64:ff9b:2::a9fe:a9fe", "2002:a00:1::1", "2003:a9fe:a9fe::1", "2001:1:a9fe:a9fe::1", "2001:0:808:808::f5ff:fffe",
	} {
		if why := outbox.Forbidden(netip.MustParseAddr(address)); why != "" {
			t.Errorf("%s is refused: %s", address, why)
		}
	}
}

// names is a DNS server in memory with one answer for every name.
type names struct {
	mu      sync.Mutex // guards what follows
	answer  netip.Addr
	lookups int
}

func (n *names) set(a string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answer = netip.MustParseAddr(a)
}

func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go n.serve(server)
		return client, nil
	}}
}

// serve answers one question as DNS over TCP does (RFC 1035, section 4): two bytes of length, a header of twelve, the question, the answer.
func (n *names) serve(c net.Conn) {
	defer c.Close()
	var length uint16
	if binary.Read(c, binary.BigEndian, &length) != nil {
		return
	}
	q := make([]byte, length)
	if _, err := io.ReadFull(c, q); err != nil {
		return
	}
	end := 12 + bytes.IndexByte(q[12:], 0) + 5 // after the name: type and class
	n.mu.Lock()
	n.lookups++
	kind, a := byte(28), n.answer // AAAA
	if a.Is4() {
		kind = 1
	}
	n.mu.Unlock()
	reply := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end]...)
	if q[end-3] == kind {
		reply[7] = 1
		reply = append(reply, 0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, byte(a.BitLen()/8))
		reply = append(reply, a.AsSlice()...)
	}
	c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
}

// TestNamesThatChangeTheirAnswer: a name that led to the receiver a moment ago, and one that was meant for another reader, are judged by
// the address that is connected to. The receiver sees nothing of it, and the reply names the address.
func TestNamesThatChangeTheirAnswer(t *testing.T) {
	requests := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { requests++ }))
	defer srv.Close()
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	dns := &names{}
	hc, err := outbox.NewHTTPClient(outbox.TransportConfig{Resolver: dns.resolver()})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"receiver.test.", "0xa9fea9fe"} {
		s := outbox.NewSeekWebhook(outbox.WebhookConfig{URL: "http://" + host + ":" + at.Port() + "/?canary", HTTP: hc})
		dns.set("127.0.0.1")
		if got := s.Send(t.Context(), oneEvent); got.Verdict != outbox.Accepted {
			t.Fatalf("%s: got %+v, want accepted", host, got)
		}
		hc.CloseIdleConnections()
		before := requests
		for address, why := range map[string]string{"169.254.169.254": metadata, "fd00:ec2::254": "a metadata address of AWS", "64:ff9b::a9fe:a9fe": "another form of 169.254.169.254"} {
			dns.set(address)
			got := s.Send(t.Context(), oneEvent)
			if got.Verdict != outbox.Retry || got.Status != 0 || !strings.Contains(got.Detail, address+" is "+why) || !strings.HasSuffix(got.Detail, ": not connected") || strings.Contains(got.Detail, "canary") {
				t.Errorf("%s at %s: got %+v, want a retry that names the address", host, address, got)
			}
		}
		if requests != before {
			t.Errorf("%s: %d requests went out", host, requests-before)
		}
	}
	if dns.lookups == 0 {
		t.Error("nobody was asked for the names")
	}
}

// TestAddressesInTheURL are judged as well; as one number, or in octal, they are no names that a resolver of Go's would ask for.
func TestAddressesInTheURL(t *testing.T) {
	dns := &names{answer: netip.MustParseAddr("169.254.169.254")}
	hc, err := outbox.NewHTTPClient(outbox.TransportConfig{Resolver: dns.resolver()})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1%25lo]", "0.0.0.0", "[::]", "[64:ff9b::a9fe:a9fe]", "2852039166", "0251.0376.0251.0376"} {
		got := outbox.NewSeekWebhook(outbox.WebhookConfig{URL: "http://" + host + ":1/", HTTP: hc}).Send(t.Context(), oneEvent)
		if got.Verdict != outbox.Retry || !strings.Contains(got.Detail, "not connected") && !strings.Contains(got.Detail, "no such host") {
			t.Errorf("%s: got %+v, want a retry that says so", host, got)
		}
	}
}
