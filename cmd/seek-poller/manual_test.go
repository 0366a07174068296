package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const manHead = `.\" Written by go generate ./cmd/seek-poller from the help of the verbs.
.TH SEEK\-POLLER 8 "" "seek\-poller" "System Administration"
.SH NAME
seek\-poller \- %s
.SH SYNOPSIS
.B seek\-poller
.I verb
.RI [ flags ]
.SH DESCRIPTION
%s`

const manFoot = `.SH FILES
.TP
.I /etc/seek\-poller/seek\-poller.yaml
The config, as seek\-poller.yaml(5) has it: mode 0640, of root and the group seek\-poller.
.TP
.I /etc/seek\-poller/seek\-client\-secret
SEEK's client secret, which the unit hands to the daemon as a credential.
.TP
.I /var/lib/seek\-poller/seek\-poller.db
The database, with \-wal and \-shm beside it while it is in use, and .lock, which says whose it is.
.TP
.I /run/seek\-poller/admin.sock
How the other verbs reach the daemon: who may write to it may ask and act.
.TP
.I /usr/share/seek\-poller
Rules for alerts, a dashboard, the schema of the config, drop\-ins for the unit.
.TP
.I /usr/share/doc/seek\-poller
How to install, configure, operate and support it, and how to receive events.
.SH ENVIRONMENT
.TP
.BR SEEK_POLLER_CONFIG ", " SEEK_POLLER_SOCKET
What the flags of these names say, if they are not given.
.TP
.BR SEEK_POLLER_ ...
One key of the config each: seek\-poller.yaml(5).
.TP
.BR CREDENTIALS_DIRECTORY ", " NOTIFY_SOCKET ", " WATCHDOG_USEC
As systemd sets them.
.SH SIGNALS
.TP
.B SIGTERM\fR, \fBSIGINT
End, when what is in hand is done.
A second one ends at once; nothing is lost by that.
.TP
.B SIGHUP
Read the config and the secrets anew.
A config that is wrong is refused with its reason in the log, and the old one stays in force.
.SH EXIT STATUS
%s.SH SEE ALSO
.BR seek\-poller.yaml (5),
.BR systemctl (1),
.BR journalctl (1)
`

var exitCodes = []struct {
	code  int
	means string
}{
	{exitDone, "Done."},
	{exitFailed, "Failed."},
	{exitUsage, "Wrong usage."},
	{exitUnhealthy, "status: a person should look; verify: something is off; simulate: the client broke a rule."},
	{exitNoDaemon, "No daemon answers, or its socket is not for this user."},
	{exitTryLater, "Try later: the database cannot be written now."},
	{exitConfig, "The config is wrong, or asks for what this version cannot do. A restart cures nothing."},
}

// manual is seek-poller(8), in the macros of man(7).
func manual(root *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, manHead, roff(root.Short), prose(root.Long))
	b.WriteString(".SH VERBS\n")
	for _, verb := range everyVerb(root) {
		section(&b, verb)
	}
	b.WriteString(".SH FLAGS OF EVERY VERB\n" + flags(root.PersistentFlags()))
	b.WriteString(".SH EXAMPLES\n" + verbatim(root.Example))
	var codes strings.Builder
	for _, c := range exitCodes {
		fmt.Fprintf(&codes, ".TP\n.B %d\n%s\n", c.code, roff(c.means))
	}
	fmt.Fprintf(&b, manFoot, codes.String())
	return b.String()
}

func section(b *strings.Builder, verb *cobra.Command) {
	fmt.Fprintf(b, ".SS %s\n", roff(verb.CommandPath()))
	if usage := strings.TrimSuffix(verb.UseLine(), " [flags]"); usage != verb.CommandPath() {
		b.WriteString(verbatim(usage) + ".PP\n")
	}
	long := verb.Long
	if long == "" || verb.Name() == "completion" {
		long = verb.Short + "."
	}
	if verb.Name() == "completion" {
		long += " One of: " + verbNames(verb) + "."
	}
	b.WriteString(prose(long))
	b.WriteString(flags(verb.NonInheritedFlags()))
	if verb.Example != "" {
		b.WriteString(".PP\n" + verbatim(verb.Example))
	}
}

// flags are a paragraph each; help is everybody's.
func flags(set *pflag.FlagSet) string {
	var b strings.Builder
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		name := `\fB` + roff("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			name = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + name
		}
		value, usage := pflag.UnquoteUsage(f)
		if value != "" {
			name += ` \fI` + roff(value) + `\fR`
		}
		fmt.Fprintf(&b, ".TP\n%s\n%s", name, roff(usage))
		if preset := f.DefValue; value != "" && preset != "" && preset != "0" && preset != "[]" && preset != "0s" {
			fmt.Fprintf(&b, " (default %s)", roff(preset))
		}
		b.WriteString(".\n")
	})
	return b.String()
}

var blank = regexp.MustCompile(`\n\s*\n`)

// prose is text in paragraphs; what is indented stays as it is.
func prose(text string) string {
	var b strings.Builder
	for i, part := range blank.Split(strings.Trim(text, "\n"), -1) {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if strings.HasPrefix(part, " ") {
			b.WriteString(verbatim(part))
			continue
		}
		for line := range strings.Lines(part) {
			b.WriteString(roff(strings.TrimSpace(line)) + "\n")
		}
	}
	return b.String()
}

func verbatim(text string) string {
	var b strings.Builder
	b.WriteString(".EX\n")
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		b.WriteString(roff(strings.TrimSpace(line)) + "\n")
	}
	return b.String() + ".EE\n"
}

// roff makes a line safe: nothing in it is an escape or a request, and what is copied from a terminal is what was meant.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(s)
	if strings.HasPrefix(s, ".") {
		return `\&` + s
	}
	return s
}
