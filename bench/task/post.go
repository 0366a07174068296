package task

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// NewPoster is the plain HTTP client that every contestant but ours posts with: it keeps as many connections as it has requests at one time.
func NewPoster(parallel int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: parallel}}
}

// Post hands on one body.
func Post(ctx context.Context, hc *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the receiver said %s", resp.Status)
	}
	return nil
}
