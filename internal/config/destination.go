package config

import "time"

// Destination is where events are handed on. It has exactly one of webhook, exec
// and directory.
type Destination struct {
	// Seen in reports, commands and metrics, and part of each delivery's key. To change
	// it is to begin a new destination.
	Name string `yaml:"name" jsonschema:"required" limits:"as for a stream"`
	// Names of the streams whose events it takes. Empty: all.
	Streams []string `yaml:"streams" jsonschema:"uniqueItems=true" limits:"names of streams, each once"`
	// Which types of event it takes. Empty: all.
	EventTypes []string `yaml:"event_types" jsonschema:"uniqueItems=true" limits:"SEEK's type codes, each once"`
	// SEEK's ids of the hirers whose events it takes. An event whose hirer SEEK does not
	// tell comes all the same. Empty: all.
	Hirers []string `yaml:"hirers"`
	// What to do with an event that SEEK sends a second time.
	Duplicates string `yaml:"duplicates" jsonschema:"enum=ignore,enum=deliver"`

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
	// Where to. It is never shown whole, since it may hold a secret.
	URL string `yaml:"url" jsonschema:"required" limits:"https, or http to this machine (to another with allow_http); not a link-local or metadata address"`
	// What is sent: seek is the body and signature of SEEK's own webhooks, up to 10
	// events at once; standard is Standard Webhooks (https://www.standardwebhooks.com).
	Format string `yaml:"format" jsonschema:"enum=seek,enum=standard"`
	// Names the file of the secret that signs each request.
	SecretFile string `yaml:"secret_file" jsonschema:"required,pattern=^[^~]" limits:"with seek 16 to 255 bytes; with standard whsec_ and base64 of 24 to 64 bytes"`
	Secret     Secret `yaml:"-"` // what SecretFile holds
	// Names the file of a second secret that signs too, while secrets change.
	PreviousSecretFile string `yaml:"previous_secret_file" jsonschema:"pattern=^[^~]" limits:"with format standard only"`
	PreviousSecret     Secret `yaml:"-"`
	// What the body of format seek has as its subscriptionId. Empty: made from the name.
	SubscriptionID string `yaml:"subscription_id" jsonschema:"maxLength=255" limits:"at most 255 bytes"`
	// The longest that one request may take.
	Timeout Duration `yaml:"timeout" limits:"above 0, at most 5m"`
	// A PEM file of certificate authorities to trust instead of the system's. Empty: the
	// system's.
	CAFile string `yaml:"ca_file" jsonschema:"pattern=^([^~]|$)"`
	// Permits plain http to another machine, which can be read on the way.
	AllowHTTP bool `yaml:"allow_http"`
	// How many requests may be under way at the same time.
	Concurrency int   `yaml:"concurrency" jsonschema:"minimum=1,maximum=64"`
	Auth        *Auth `yaml:"auth"`
}

func (w *Webhook) preset() {
	w.Format = "seek"
	w.Timeout = Duration(30 * time.Second)
	w.Concurrency = 4
}

// Auth is how the receiver is shown who calls, beside the signature. It has exactly
// one of basic and oauth2. Left out: nothing is shown.
type Auth struct {
	Basic  *Basic  `yaml:"basic"`
	OAuth2 *OAuth2 `yaml:"oauth2"`
}

// Basic is a user name and a password.
type Basic struct {
	// The user name that the receiver knows.
	Username string `yaml:"username" jsonschema:"required,minLength=1"`
	// Names the file of the password.
	PasswordFile string `yaml:"password_file" jsonschema:"required,pattern=^[^~]" limits:"one line"`
	Password     Secret `yaml:"-"`
}

// OAuth2 is a token by the client credentials grant (RFC 6749, section 4.4).
type OAuth2 struct {
	// Where tokens are granted.
	TokenURL string `yaml:"token_url" jsonschema:"required" limits:"https, or http to this machine (to another with allow_http)"`
	// The client id that the token server knows.
	ClientID string `yaml:"client_id" jsonschema:"required,minLength=1"`
	// Names the file of the client secret.
	ClientSecretFile string `yaml:"client_secret_file" jsonschema:"required,pattern=^[^~]" limits:"one line"`
	ClientSecret     Secret `yaml:"-"`
	// The scope that is asked for. Empty: not sent.
	Scope string `yaml:"scope"`
	// The audience that is asked for. Empty: not sent.
	Audience string `yaml:"audience"`
}

// Exec runs a program for each event, or for several, with the events on its
// standard input.
type Exec struct {
	// The program by its absolute path, then its arguments. There is no shell. Arguments
	// can be seen by every user of the machine: no secret belongs here.
	Command []string `yaml:"command" jsonschema:"required,minItems=1" limits:"the first an absolute path"`
	// The longest that one run may take.
	Timeout Duration `yaml:"timeout" limits:"above 0, at most 5m"`
	// The most events for one run.
	Batch int `yaml:"batch" jsonschema:"minimum=1,maximum=1000"`
	// How many runs may be under way at the same time.
	Concurrency int `yaml:"concurrency" jsonschema:"minimum=1,maximum=64"`
	// The program's environment, beside, or instead of, PATH, LANG and TZ. It has nothing
	// else of the daemon's. Values are never shown.
	Env map[string]string `yaml:"env" limits:"names without = and zero bytes"`
}

func (e *Exec) preset() {
	e.Timeout = Duration(time.Minute)
	e.Batch, e.Concurrency = 1, 1
}

// Directory writes one file for each event, complete when its name appears.
type Directory struct {
	// The directory. It is not made: while it is missing, events wait.
	Path string `yaml:"path" jsonschema:"required,pattern=^[^~]" limits:"writable by the daemon's user"`
	// Permissions of the files.
	Mode FileMode `yaml:"mode" limits:"such as 0600, 0640 or 0660: data for its owner, never run, never written by others"`
	// Name or number of the group of the files. Empty: the daemon's own.
	Group string `yaml:"group" limits:"a group of this machine that the daemon's user is in"`
}

func (d *Directory) preset() { d.Mode = 0o640 }
