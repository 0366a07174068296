package graphql_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/graphql"
)

// A changed secret is taken over: the token in hand lives on, the next request has the new secret, and a back-off of the old one ends.
func TestChangedSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		right := "old"
		e := &endpoint{answer: func(n int64, r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			if !strings.Contains(string(body), `"client_secret":"`+right+`"`) {
				return reply(401, nil, `{"error":"invalid_client"}`), nil
			}
			return reply(200, nil, `{"access_token":"token-`+right+`","expires_in":600}`), nil
		}}
		creds := graphql.Credentials{TokenURL: "https://auth.invalid/oauth/token", Audience: "a", ClientID: "id", ClientSecret: "old"}
		k := graphql.NewTokens(&http.Client{Transport: e}, "seek-poller/test", creds)
		want(t, k, e, "token-old", 1)
		right, creds.ClientSecret = "new", "new"
		k.Use(creds)
		want(t, k, e, "token-old", 1)
		time.Sleep(10 * time.Minute)
		want(t, k, e, "token-new", 2)

		right = "third"
		time.Sleep(10 * time.Minute)
		refused(t, k, e, graphql.Unauthorized, 3)
		refused(t, k, e, graphql.Unauthorized, 3) // it waits
		creds.ClientSecret = "third"
		k.Use(creds)
		want(t, k, e, "token-third", 4)
	})
}
