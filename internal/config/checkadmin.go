package config

import (
	"net"
	"os/user"
)

// MostSocket is how long the absolute path of the admin socket may be: what the kernel takes for the path of a unix socket, unix(7), less room for the name under which it is made.
const MostSocket = 107 - 12

func (l *loader) checkAdmin() {
	a := &l.cfg.Admin
	l.checkSocket()
	l.group("admin.group", a.Group)
	if a.Listen != "" {
		l.checkListen("admin.listen", a.Listen)
	}
	if l.set("admin.token_file") {
		a.Token = l.secret("admin.token_file", a.TokenFile, lineOfText)
		if a.Listen == "" {
			l.problem("admin.token_file", "is for the feed on the port, and admin.listen is empty; remove the key, or name a port")
		}
	}
}

// checkSocket leaves room for the name under which the socket is made before it appears.
func (l *loader) checkSocket() {
	a := &l.cfg.Admin
	l.path("admin.socket", &a.Socket, "write the path of a socket, such as "+DefaultSocket)
	if len(a.Socket) > MostSocket {
		l.problem("admin.socket", "is %d bytes long as an absolute path; a socket's path has at most %d, so write a shorter one", len(a.Socket), MostSocket)
	}
}

// checkListen holds that the port is for this machine only: it shows everything
// and asks for no password.
func (l *loader) checkListen(path, listen string) {
	host, port, err := net.SplitHostPort(listen)
	switch {
	case err != nil || port == "" || !goodPort(port) && port != "0":
		l.problem(path, `is %s; write host:port such as 127.0.0.1:9477, or "" for none`, quote(listen))
	case !loopbackHost(host):
		l.problem(path, "is open to other machines; write 127.0.0.1:%s, and put a reverse proxy with a password before it", port)
	}
}

func (l *loader) checkRetention() {
	r := l.cfg.Retention
	if r.Payloads <= 0 {
		l.problem("retention.payloads", "is %s; write a duration above 0, such as 90d", r.Payloads)
	}
	if r.Records < 100*day {
		l.problem("retention.records", "is %s; write 100d or more, since SEEK can send an event again for 90 days", r.Records)
	}
	if r.Payloads > r.Records {
		l.problem("retention.payloads", "is %s, longer than retention.records (%s); write at most that", r.Payloads, r.Records)
	}
}

// group checks that a group exists on this machine, by name or number.
func (l *loader) group(path, name string) {
	if name == "" {
		return
	}
	_, err := user.LookupGroup(name)
	if err != nil {
		_, err = user.LookupGroupId(name)
	}
	if err != nil {
		l.problem(path, "is %s, but this machine has no such group; write one from `getent group`", quote(name))
	}
}
