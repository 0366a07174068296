package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"seekpoller/internal/config"
	"seekpoller/outbox"
)

// directoryBatch shares one sync of the directory among so many files.
const directoryBatch = 20

// senders makes what the config calls destinations.
func senders(cfg *config.Config, world outside, wall func() time.Time) ([]outbox.Destination, error) {
	var out []outbox.Destination
	for _, d := range cfg.Destinations {
		dest, err := sender(d, world, wall)
		if err != nil {
			return nil, fmt.Errorf("destination %s: %w", d.Name, err)
		}
		dest.Name, dest.Kind = d.Name, d.Kind()
		out = append(out, dest)
	}
	return out, nil
}

func sender(d config.Destination, world outside, wall func() time.Time) (outbox.Destination, error) {
	switch {
	case d.Webhook != nil:
		return webhook(d.Name, d.Webhook, world, wall)
	case d.Exec != nil:
		e := d.Exec
		s, err := outbox.NewExec(outbox.ExecConfig{Name: d.Name, Command: e.Command, Env: e.Env, Batch: e.Batch})
		return outbox.Destination{Sender: s, Batch: e.Batch, Concurrency: e.Concurrency, Timeout: time.Duration(e.Timeout)}, err
	case d.Directory != nil:
		s, err := outbox.NewDirectory(outbox.DirectoryConfig{Name: d.Name, Path: d.Directory.Path, Mode: os.FileMode(d.Directory.Mode), Group: d.Directory.Group})
		return outbox.Destination{Sender: s, Batch: directoryBatch, Concurrency: 1, Timeout: time.Minute}, err
	}
	return outbox.Destination{}, errors.New("this version cannot serve this kind of destination")
}

func webhook(name string, w *config.Webhook, world outside, wall func() time.Time) (outbox.Destination, error) {
	dest := outbox.Destination{Batch: outbox.SeekBatch, Concurrency: w.Concurrency, Timeout: time.Duration(w.Timeout)}
	client, err := outbox.NewHTTPClient(outbox.TransportConfig{CAFile: w.CAFile, Concurrency: w.Concurrency, Dial: world.dial})
	if err != nil {
		return dest, err
	}
	c := outbox.WebhookConfig{
		Name: name, URL: w.URL, SubscriptionID: w.SubscriptionID, UserAgent: userAgent(), HTTP: client, Now: wall,
		Secret: []byte(w.Secret.Reveal()), PreviousSecret: []byte(w.PreviousSecret.Reveal()), Auth: auth(w.Auth),
	}
	if w.Format == "standard" {
		dest.Batch = 1
		dest.Sender, err = outbox.NewStandardWebhook(c)
		return dest, err
	}
	dest.Sender = outbox.NewSeekWebhook(c)
	return dest, nil
}

func auth(a *config.Auth) outbox.Auth {
	switch {
	case a == nil:
	case a.Basic != nil:
		return outbox.Auth{Basic: &outbox.Basic{Username: a.Basic.Username, Password: a.Basic.Password.Reveal()}}
	case a.OAuth2 != nil:
		o := a.OAuth2
		return outbox.Auth{OAuth2: &outbox.OAuth2{TokenURL: o.TokenURL, ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), Scope: o.Scope, Audience: o.Audience}}
	}
	return outbox.Auth{}
}
