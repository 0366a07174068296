package config

import "time"

// Destination is where events are handed on. Exactly one of Webhook, Exec and
// Directory is set.
type Destination struct {
	Name       string   `yaml:"name"`
	Streams    []string `yaml:"streams"`     // names; empty: all
	EventTypes []string `yaml:"event_types"` // empty: all
	Hirers     []string `yaml:"hirers"`      // SEEK's hirer ids; empty: all
	Duplicates string   `yaml:"duplicates"`  // ignore or deliver: what to do with an id that SEEK sends again

	Webhook   *Webhook   `yaml:"webhook"`
	Exec      *Exec      `yaml:"exec"`
	Directory *Directory `yaml:"directory"`
}

func (d *Destination) preset() { d.Duplicates = "ignore" }

// Kind is webhook, exec or directory, as the key in the file is called.
func (d Destination) Kind() string {
	switch {
	case d.Webhook != nil:
		return "webhook"
	case d.Exec != nil:
		return "exec"
	case d.Directory != nil:
		return "directory"
	}
	return ""
}

// Webhook posts events to a URL.
type Webhook struct {
	URL                string   `yaml:"url"`
	Format             string   `yaml:"format"` // seek or standard
	SecretFile         string   `yaml:"secret_file"`
	Secret             Secret   `yaml:"-"`                    // what SecretFile holds; signs each request
	PreviousSecretFile string   `yaml:"previous_secret_file"` // format standard only, while secrets change
	PreviousSecret     Secret   `yaml:"-"`
	SubscriptionID     string   `yaml:"subscription_id"` // in the body of format seek; made from the name if not set
	Timeout            Duration `yaml:"timeout"`
	CAFile             string   `yaml:"ca_file"`    // PEM, trusted instead of the system's
	AllowHTTP          bool     `yaml:"allow_http"` // plain http to a host that is not this machine
	Concurrency        int      `yaml:"concurrency"`
	Auth               *Auth    `yaml:"auth"` // beside the signature; nil: none
}

func (w *Webhook) preset() {
	w.Format = "seek"
	w.Timeout = Duration(30 * time.Second)
	w.Concurrency = 4
}

// Auth is how we show a receiver who we are. Exactly one of its fields is set.
type Auth struct {
	Basic  *Basic  `yaml:"basic"`
	OAuth2 *OAuth2 `yaml:"oauth2"`
}

// Basic is a user name and password.
type Basic struct {
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
	Password     Secret `yaml:"-"`
}

// OAuth2 is the client credentials grant (RFC 6749, section 4.4).
type OAuth2 struct {
	TokenURL         string `yaml:"token_url"`
	ClientID         string `yaml:"client_id"`
	ClientSecretFile string `yaml:"client_secret_file"`
	ClientSecret     Secret `yaml:"-"`
	Scope            string `yaml:"scope"`    // empty: not sent
	Audience         string `yaml:"audience"` // empty: not sent
}

// Exec runs a program for each event, or for up to Batch events.
type Exec struct {
	Command     []string          `yaml:"command"` // program by absolute path, then its arguments; no shell
	Timeout     Duration          `yaml:"timeout"`
	Batch       int               `yaml:"batch"`
	Concurrency int               `yaml:"concurrency"`
	Env         map[string]string `yaml:"env"` // beside, or instead of, PATH, LANG and TZ: the program's environment
}

func (e *Exec) preset() {
	e.Timeout = Duration(time.Minute)
	e.Batch, e.Concurrency = 1, 1
}

// Directory writes one file for each event.
type Directory struct {
	Path  string   `yaml:"path"`  // absolute once loaded
	Mode  FileMode `yaml:"mode"`  // of the files
	Group string   `yaml:"group"` // name or number of the files' group; empty: the daemon's own
}

func (d *Directory) preset() { d.Mode = 0o640 }
