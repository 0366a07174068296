package config

import (
	"cmp"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const mostSecret = 64 << 10 // bytes

// secret reads the file that the key at path names: under $CREDENTIALS_DIRECTORY
// if it is there, else beside the config file. The name is not repeated in any
// message, because people put the secret itself where its name belongs.
func (l *loader) secret(path, name string, rule func(string) error) Secret {
	const remedy = "write the name of a file that holds the secret"
	if !l.required(path, name, remedy) {
		return Secret{}
	}
	if looks := l.looks[path]; looks != "" {
		l.problem(path, "is %s; %s, in quotes if that is its name", looks, remedy)
		return Secret{}
	}
	file := l.credential(name)
	l.secrets[path] = file
	text, err := readSmall(file, mostSecret)
	switch {
	case errors.Is(err, errForbidden):
		l.problem(path, "names a file that may not be read by this user; run as the daemon's user (sudo -u), or let this user's group read it (chmod 0640)")
		return Secret{}
	case errors.Is(err, errMissing):
		l.problem(path, "names a file that does not exist%s; make it, and write its name here, not the secret itself", l.searched(name))
		return Secret{}
	case err != nil:
		l.problem(path, "names a file that %v; write the name of a small file that this user may read", err)
		return Secret{}
	}
	value := withoutNewline(string(text))
	if err := cmp.Or(private(file), unmarked(value), rule(value)); err != nil {
		l.problem(path, "names a file that %v", err)
		return Secret{}
	}
	return NewSecret(value)
}

func (l *loader) credential(name string) string {
	if l.credentials != "" && filepath.IsLocal(name) {
		file := filepath.Join(l.credentials, name)
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return l.resolve(name)
}

func (l *loader) searched(name string) string {
	switch {
	case filepath.IsAbs(name):
		return ""
	case l.credentials != "" && filepath.IsLocal(name):
		return fmt.Sprintf(" in %s or under %s", l.credentials, l.dir)
	}
	return fmt.Sprintf(" under %s", l.dir)
}

// private refuses what every user of the machine can read or change.
func private(file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return withoutPath(err)
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file; write the name of one")
	case info.Mode()&0o007 != 0:
		return fmt.Errorf("is open to every user of this machine (mode %04o); run chmod 0600 on it, or 0640 with the service's group", info.Mode().Perm())
	}
	return nil
}

// unmarked refuses a byte order mark, which nobody sees and every receiver counts among the secret.
func unmarked(s string) error {
	if strings.HasPrefix(s, "\ufeff") || strings.HasPrefix(s, "\xff\xfe") || strings.HasPrefix(s, "\xfe\xff") {
		return errors.New("begins with a byte order mark, as some editors write; save it as plain UTF-8 without one")
	}
	return nil
}

// withoutNewline drops the one line end that editors and echo leave behind.
func withoutNewline(s string) string {
	if t, ok := strings.CutSuffix(s, "\r\n"); ok {
		return t
	}
	return strings.TrimSuffix(s, "\n")
}

// lineOfText is the rule for secrets that are sent as text.
func lineOfText(s string) error {
	switch {
	case s == "":
		return errors.New("is empty; put the secret in it")
	case strings.ContainsAny(s, "\n\r\x00"):
		return errors.New("has more than one line; keep the line with the secret")
	case strings.TrimSpace(s) != s:
		return errors.New("has a space before or after the secret; take it out")
	}
	return nil
}

// seekSecret is the rule for SEEK's signature: 16 characters to 255 bytes
// (https://developer.seek.com/schema/named-type/CreateWebhookSubscription_SubscriptionInput).
func seekSecret(s string) error {
	switch {
	case s == "":
		return errors.New("is empty; put the secret in it")
	case len(s) < 16 || len(s) > 255:
		return fmt.Errorf("has a secret of %d bytes; use one of 16 to 255, such as `openssl rand -hex 32` makes", len(s))
	}
	return nil
}

// standardSecret is the rule of Standard Webhooks
// (https://www.standardwebhooks.com): whsec_ and base64 of 24 to 64 bytes.
func standardSecret(s string) error {
	if s == "" {
		return errors.New("is empty; put the secret in it")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
	if err != nil || !strings.HasPrefix(s, "whsec_") || len(key) < 24 || len(key) > 64 {
		return errors.New("is not a Standard Webhooks secret; write whsec_ and then what `openssl rand -base64 32` makes")
	}
	return nil
}

// certificates checks a PEM file and resolves its name.
func (l *loader) certificates(path string, name *string) {
	l.path(path, name, "write the path of a PEM file")
	if l.bad[path] {
		return
	}
	text, err := readSmall(*name, 4*mostConfig)
	switch {
	case err != nil:
		l.problem(path, "names a file that %v; write the path of a PEM file that this user may read", err)
	case !x509.NewCertPool().AppendCertsFromPEM(text):
		l.problem(path, "names a file without a certificate in it; write the path of a PEM file (-----BEGIN CERTIFICATE-----)")
	}
}
