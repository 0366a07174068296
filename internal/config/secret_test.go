package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"seekpoller/internal/config"

	"go.uber.org/zap"
	"go.yaml.in/yaml/v3"
)

// A secret shows in no verb, encoder or logger, alone or inside the config.
func TestSecretsAreHidden(t *testing.T) {
	c := mustLoad(t, base(t))
	var out bytes.Buffer
	for _, v := range []any{c, *c, c.Seek, &c.Seek, c.Seek.ClientSecret, &c.Seek.ClientSecret, *c.Destinations[0].Webhook} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, v)
		for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
			text, err := marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(text)
		}
		fmt.Fprint(&out, zap.Any("v", v).Interface, zap.Any("v", v).String)
	}
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the output holds the secret as %q", form)
		}
	}
	if got, want := c.Seek.ClientSecret.Reveal(), canary; got != want {
		t.Errorf("revealed: got %q, want %q", got, want)
	}
	if got, want := config.NewSecret("x").String(), "[hidden]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// One line end is not part of a secret; anything else is.
func TestSecretLineEnds(t *testing.T) {
	for end, want := range map[string]string{"": "", "\n": "", "\r\n": "", "\n\n": "\n", " \n": " ", "\r": "\r"} {
		dir := room(t)
		const key = "0123456789abcdef"
		write(t, dir, "ats-secret", key+end, 0o600)
		c, problems := loadFile(t, write(t, dir, "seek-poller.yaml", base(t), 0o600))
		if problems != nil {
			t.Fatal(problems)
		}
		if got := c.Destinations[0].Webhook.Secret.Reveal(); got != key+want {
			t.Errorf("end %q: got %q, want %q", end, got, key+want)
		}
	}
}
