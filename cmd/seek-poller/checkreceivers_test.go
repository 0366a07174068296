package main

import (
	"strings"
	"testing"
)

// TestCheckConnectReceivers: each way in which a destination or the heartbeat's address cannot be reached.
func TestCheckConnectReceivers(t *testing.T) {
	for name, c := range map[string]struct{ old, other, what, want string }{
		"nobody": {"https://ATS", "https://" + nobody(t), "destination ats",
			"FAIL destination ats dial tcp HERE:1: connect: connection refused\n is it running, and are host and port right? A firewall may refuse too"},
		"another authority": {", ca_file: ats.pem", "", "destination ats",
			"FAIL destination ats the certificate is by no authority that is trusted here: of 127.0.0.1, by Bench, good to DAY\n " +
				"is that the right host? If its certificate is of your own authority, or a proxy looks inside, name that authority with webhook.ca_file"},
		"metadata": {"https://ATS/hooks", "'https://[64:ff9b::a9fe:a9fe]/hooks'", "destination ats",
			"FAIL destination ats dial tcp [64:ff9b::a9fe:a9fe]:443: 64:ff9b::a9fe:a9fe is another form of 169.254.169.254, a link-local address, where clouds keep their metadata: not connected\n " +
				"is it running, and may this machine reach it?"},
		"its token server": {"ca_file: ats.pem", "ca_file: ats.pem, auth: {oauth2: {client_id: x, client_secret_file: ats-secret, token_url: 'http://" + nobody(t) + "/'}}", "destination ats",
			"FAIL destination ats its token server: dial tcp HERE:1: connect: connection refused\n is it running, and are host and port right? A firewall may refuse too"},
		"no program": {"/bin/cat", "/nonexistent/cat", "destination nightly",
			"FAIL destination nightly /nonexistent/cat does not exist\n install the program, and let the daemon's user run it"},
		"may not be run": {"/bin/cat", "/etc/passwd", "destination nightly",
			"FAIL destination nightly /etc/passwd may not be run by this user\n install the program, and let the daemon's user run it"},
		"no directory": {"path: spool", "path: later", "destination spool",
			"FAIL destination spool DIR/later: no such file or directory\n make it: install -d -m 0750 -o USER DIR/later (USER: who runs the daemon)"},
		"no heartbeat": {"http://BEAT", "http://" + nobody(t), "heartbeat",
			"FAIL heartbeat HERE:1 dial tcp HERE:1: connect: connection refused\n is it running, and are host and port right? A firewall may refuse too"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			old := strings.NewReplacer("ATS", b.replace[2], "BEAT", b.replace[4]).Replace(c.old)
			text, err := b.with(old, c.other).lines(t.Context(), b.connection())
			if got := line(t, text, c.what); got != c.want || err == nil {
				t.Errorf("%v; got\n%s\nwant\n%s", err, got, c.want)
			}
		})
	}
}
