package config_test

import (
	"fmt"
	"regexp"
	"strings"
)

const manHead = `.\" Written by go generate ./internal/config from the structs of the config.
.TH seek\-poller.yaml 5 "" "seek\-poller" "File Formats"
.SH NAME
seek\-poller.yaml \- what seek\-poller polls, and where it hands events on
.SH DESCRIPTION
The daemon's only configuration file, in YAML.
An unknown key, a key set twice and a value that cannot be meant are errors:
.B seek\-poller check
names all of them at once, each with file, line, key, and what would be right, and
.B seek\-poller check \-\-print
shows what is in force.
.PP
Durations have a unit: 500ms, 30s, 15m, 36h, 90d; a day is 24 hours.
Times of schedules are UTC.
Relative paths start at the directory of the file.
.PP
Secrets are never in the file.
A key that ends in
.I _file
takes a path, or the name of a file in
.IR $CREDENTIALS_DIRECTORY ,
which systemd makes for LoadCredential=.
The file must not be open to every user of the machine: mode 0640 or less.
One line end after the secret is ignored.
.PP
A single value that is not in a list can be set with an environment variable too, which is named with the key.
It wins over the file.
.PP
SIGHUP reads the file and all secrets anew.
A file that is wrong, or that changes a key marked
.RI \(lq "needs a restart" \(rq,
is refused as a whole with the reason in the log, and the configuration in force stays.
`

const manFoot = `.SH FILES
.TP
.I /etc/seek\-poller/seek\-poller.yaml
The configuration, mode 0640, owner root, group seek\-poller.
.TP
.I /etc/seek\-poller/seek\-client\-secret
The client secret, as the unit's LoadCredential= names it.
.TP
.I /usr/share/seek\-poller/config.schema.json
The JSON Schema of the file, for editors that know YAML.
.SH SEE ALSO
.BR seek\-poller (8),
.BR systemd.exec (5)
`

// manPage is the reference as seek-poller.yaml(5) has it, in the macros of man(7).
func manPage(ks []key) string {
	var b strings.Builder
	b.WriteString(manHead)
	names, in := sections(ks)
	about := map[string]string{}
	for _, k := range ks {
		if k.section {
			about[k.below()] = k.meaning
		}
	}
	b.WriteString(".SH KEYS\n")
	for _, name := range names {
		if name != "" {
			fmt.Fprintf(&b, ".SS %s\n%s\n", roff(name), sentences(about[name]))
		}
		for _, k := range in[name] {
			k.paragraph(&b)
		}
	}
	return b.String() + manFoot
}

func (k key) paragraph(b *strings.Builder) {
	fmt.Fprintf(b, ".TP\n.BR %s \" (%s%s)\"\n%s\n", roff(k.name()), roff(k.kind), map[bool]string{true: ", required"}[k.required], sentences(k.meaning))
	if k.limits != "" {
		fmt.Fprintf(b, "Limits: %s.\n", roff(k.limits))
	}
	if k.preset != nil {
		fmt.Fprintf(b, "Default: %s.\n", roff(fmt.Sprint(k.preset)))
	}
	if k.reload() == "refused: restart" {
		b.WriteString("A change needs a restart.\n")
	}
	if k.variable != "" {
		fmt.Fprintf(b, "Variable: %s.\n", roff(k.variable))
	}
}

// roff makes text safe: nothing in it is an escape or, at the beginning of a line, a request; hyphens can be copied.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}

var fullStop = regexp.MustCompile(`([a-z0-9)]\.) `)

// sentences begin on lines of their own, as man pages want it.
func sentences(s string) string { return fullStop.ReplaceAllString(roff(s), "$1\n") }
