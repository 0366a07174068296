package outbox

import (
	"fmt"
	"net/netip"
	"syscall"
)

// never are the addresses that no receiver has: they lead to whoever is on the same wire, to the cloud's own services, which give
// out credentials to everyone on the machine, or to many machines at once. Private and loopback addresses are not among them:
// partners' systems have those, and an operator wrote them down.
var never = []struct {
	prefix netip.Prefix
	what   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "an address of no host"}, // RFC 1122, section 3.2.1.3; Linux takes it for itself
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address, where clouds keep their metadata"},
	{netip.MustParsePrefix("100.100.100.200/32"), "the metadata address of Alibaba Cloud"},
	{netip.MustParsePrefix("192.0.0.192/32"), "the metadata address of Oracle Cloud"},
	{netip.MustParsePrefix("168.63.129.16/32"), "the metadata address of Azure"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("255.255.255.255/32"), "the broadcast address"},
	{netip.MustParsePrefix("::/128"), "an address of no host"},
	{netip.MustParsePrefix("fe80::/10"), "a link-local address"},
	{netip.MustParsePrefix("ff00::/8"), "a multicast address"},
	{netip.MustParsePrefix("fd00:ec2::/32"), "a metadata address of AWS"},
	{netip.MustParsePrefix("fd20:ce::254/128"), "the metadata address of Google Cloud"},
	{netip.MustParsePrefix("fd00:42::42/128"), "the metadata address of Scaleway"},
}

// translated are the prefixes of IPv6 addresses that stand for an IPv4 address, and at which bytes the four of it may be.
var translated = []struct {
	prefix netip.Prefix
	at     [][4]int
}{
	{netip.MustParsePrefix("::ffff:0:0:0/96"), [][4]int{{12, 13, 14, 15}}}, // SIIT: RFC 2765, section 2.1
	{netip.MustParsePrefix("::/96"), [][4]int{{12, 13, 14, 15}}},           // IPv4-compatible: RFC 4291, section 2.5.5.1
	{netip.MustParsePrefix("64:ff9b::/96"), [][4]int{{12, 13, 14, 15}}},    // NAT64: RFC 6052, section 2.1
	// NAT64 of one's own: RFC 8215. How long the network's prefix is cannot be seen, so all of RFC 6052, section 2.2 are read.
	{netip.MustParsePrefix("64:ff9b:1::/48"), [][4]int{{6, 7, 9, 10}, {7, 9, 10, 11}, {9, 10, 11, 12}, {12, 13, 14, 15}}},
	{netip.MustParsePrefix("2002::/16"), [][4]int{{2, 3, 4, 5}}}, // 6to4: RFC 3056, section 2
	{netip.MustParsePrefix("2001::/32"), [][4]int{{4, 5, 6, 7}}}, // Teredo's server: RFC 4380, section 4; its client below
}

var (
	loopback6 = netip.IPv6Loopback()
	teredo    = netip.MustParsePrefix("2001::/32")
	ownNAT64  = netip.MustParsePrefix("64:ff9b:1::/48")
	noHost    = netip.MustParsePrefix("0.0.0.0/8")
)

// guard is net.Dialer's Control: it sees the address that is about to be connected to, after every look-up, so no name can lead past
// it, nor one that changes its answer in between.
func guard(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%q is no address: not connected", address)
	}
	if why := forbidden(ap.Addr()); why != "" {
		return fmt.Errorf("%s is %s: not connected", ap.Addr(), why)
	}
	return nil
}

// forbidden says what is wrong with connecting to a; "": nothing.
func forbidden(a netip.Addr) string {
	a = a.WithZone("").Unmap()
	if why := listed(a); why != "" || a.Is4() || a == loopback6 {
		return why
	}
	for _, v4 := range inside(a) {
		if ownNAT64.Contains(a) && noHost.Contains(v4) {
			continue // zeros where a network with another prefix has no address
		}
		if why := listed(v4); why != "" {
			return fmt.Sprintf("another form of %s, %s", v4, why)
		}
	}
	return ""
}

func listed(a netip.Addr) string {
	for _, n := range never {
		if n.prefix.Contains(a) {
			return n.what
		}
	}
	return ""
}

// inside are the IPv4 addresses that a may stand for.
func inside(a netip.Addr) []netip.Addr {
	var all []netip.Addr
	b := a.As16()
	for _, t := range translated {
		if !t.prefix.Contains(a) {
			continue
		}
		for _, i := range t.at {
			all = append(all, netip.AddrFrom4([4]byte{b[i[0]], b[i[1]], b[i[2]], b[i[3]]}))
		}
	}
	if teredo.Contains(a) { // the client's is written inverted
		all = append(all, netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]}))
	}
	return all
}
