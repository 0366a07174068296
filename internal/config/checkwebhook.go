package config

import "unicode/utf8"

const mostSubscription = 255 // bytes, as for all of SEEK's identifiers

func (l *loader) checkWebhook(at string, d *Destination) {
	w := d.Webhook
	l.oneOf(at+".format", w.Format, "seek", "standard")
	l.checkReceiver(at+".url", w)
	rule := seekSecret
	if w.Format == "standard" {
		rule = standardSecret
	}
	w.Secret = l.secret(at+".secret_file", w.SecretFile, rule)
	l.checkPrevious(at+".previous_secret_file", w)
	if w.SubscriptionID == "" {
		w.SubscriptionID = subscription(d.Name)
	}
	if len(w.SubscriptionID) > mostSubscription || !utf8.ValidString(w.SubscriptionID) {
		l.problem(at+".subscription_id", "is longer than %d bytes; write a shorter one, or remove the key", mostSubscription)
	}
	l.timeout(at+".timeout", w.Timeout)
	l.count(at+".concurrency", w.Concurrency, 64)
	if w.CAFile != "" {
		l.certificates(at+".ca_file", &w.CAFile)
	}
	if w.Auth != nil {
		l.checkAuth(at+".auth", w)
	}
}

// checkReceiver names the key that permits plain http, which a partner's own
// network may well use.
func (l *loader) checkReceiver(path string, w *Webhook) {
	u := l.url(path, w.URL, true)
	if u == nil {
		return
	}
	if u.Scheme == "http" && !w.AllowHTTP && !loopbackHost(u.Hostname()) {
		l.problem(path, "is plain http to %s, which anyone on the way can read; write https://, "+
			"or permit it with allow_http: true", quote(u.Hostname()))
		return
	}
	l.reachable(path, u)
}

func (l *loader) checkPrevious(path string, w *Webhook) {
	switch {
	case !l.set(path):
	case w.Format == "seek":
		l.problem(path, "is for format: standard only, since SEEK's own signature has room for one secret; remove the key")
	default:
		w.PreviousSecret = l.secret(path, w.PreviousSecretFile, standardSecret)
	}
}

func (l *loader) checkAuth(at string, w *Webhook) {
	b, o := w.Auth.Basic, w.Auth.OAuth2
	switch {
	case b == nil && o == nil:
		l.problem(at, "has no kind; add one of basic: and oauth2:, or remove auth:")
	case b != nil && o != nil:
		l.problem(at, "has basic and oauth2; keep one")
	}
	if b != nil {
		l.required(at+".basic.username", b.Username, "write the user name that the receiver knows")
		b.Password = l.secret(at+".basic.password_file", b.PasswordFile, lineOfText)
	}
	if o != nil {
		l.url(at+".oauth2.token_url", o.TokenURL, w.AllowHTTP)
		l.required(at+".oauth2.client_id", o.ClientID, "write the client id that the receiver's token server knows")
		o.ClientSecret = l.secret(at+".oauth2.client_secret_file", o.ClientSecretFile, lineOfText)
	}
}
