package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// feedSite is a database that pages are saved into, and a server on it.
type feedSite struct {
	t      testing.TB
	store  *store.Store
	cursor int64
	server *admin.Server
	config admin.Config
	path   string
	clock  time.Duration

	mu    sync.Mutex // guards saved
	saved []store.Event
}

func newFeedSite(t testing.TB) *feedSite {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "seek-poller.db")
	s, err := store.Open(ctx, path, store.Options{Create: true, Started: at(-time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c, _, err := s.EnsureLive(ctx, store.NewCursor{Stream: "all", Kind: "live", Fingerprint: "f"}, at(0))
	if err != nil {
		t.Fatal(err)
	}
	f := &feedSite{t: t, store: s, cursor: c.ID, path: path}
	f.config = admin.Config{Store: s, Now: func() store.Instant { return at(0) }, Envelope: envelope, FeedToken: "a token of at least a few letters"}
	f.server = admin.NewServer(f.config)
	return f
}

func envelope(e store.Event) []byte {
	return fmt.Appendf(nil, `{"id":%q,"seq":%d,"type":%q}`, e.ID, e.Seq, e.Type)
}

// page saves a page of n events and tells the server, as the poller does.
func (f *feedSite) page(n int) {
	f.t.Helper()
	p := store.Page{State: store.Behind, More: true, Position: fmt.Sprint("p", f.clock)}
	for range n {
		i := f.count() + len(p.Events)
		p.Events = append(p.Events, store.Event{ID: fmt.Sprintf("e%05d", i), Type: []string{"A", "B", "missing"}[i*7%20%3], Scheme: "s", HirerID: []string{"", "h1", "h2"}[i%3]})
	}
	q, err := f.store.TakeSlot(context.Background(), store.Ask{CursorID: f.cursor, RequestID: "r", Selection: "ids", First: 100, Interval: time.Minute, Timeout: time.Second}, at(f.clock))
	if err != nil {
		f.t.Error(err)
		return
	}
	if _, err := f.store.SavePage(context.Background(), q, p, at(f.clock+time.Second)); err != nil {
		f.t.Error(err)
		return
	}
	f.clock += 2 * time.Minute
	f.mu.Lock()
	f.saved = append(f.saved, p.Events...)
	f.mu.Unlock()
	f.server.Saved()
}

func (f *feedSite) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.saved)
}

// want are the ids that a consumer of these types and this hirer is told.
func (f *feedSite) want(types []string, hirer string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	want := []string{}
	for _, e := range f.saved {
		if e.Type != "missing" && (len(types) == 0 || slices.Contains(types, e.Type)) && (hirer == "" || e.HirerID == "" || e.HirerID == hirer) {
			want = append(want, e.ID)
		}
	}
	return want
}

// serve answers a handler on a listener until the returned function is called.
func serve(t testing.TB, l net.Listener, h http.Handler) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- admin.Serve(ctx, l, h) }()
	end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return end
}

// onPort serves the server's port; address begins with http.
func onPort(t testing.TB, s *admin.Server) (address string, end func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + l.Addr().String(), serve(t, l, s.Port())
}

func onSocket(t testing.TB, s *admin.Server) (path string, end func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "admin.sock")
	l, err := admin.ListenSocket(path, "")
	if err != nil {
		t.Fatal(err)
	}
	return path, serve(t, l, s.Socket())
}

// consumer follows the feed with one filter.
type consumer struct {
	client *admin.Client
	types  []string
	hirer  string
	wait   string
	next   int64
	told   []string
}

func (c *consumer) ask(ctx context.Context, limit int) error {
	var f struct {
		Events []struct{ ID string }
		Next   int64
		More   bool
	}
	query := url.Values{"after": {fmt.Sprint(c.next)}, "limit": {fmt.Sprint(limit)}, "wait": {c.wait}, "type": c.types, "hirer": {c.hirer}}
	if err := c.client.Get(ctx, "/api/v1/feed", query, &f); err != nil {
		return err
	}
	for _, e := range f.Events {
		c.told = append(c.told, e.ID)
	}
	c.next = f.Next
	return nil
}

// TestFeedExactlyOnce: consumers with filters of their own, who stop anywhere, lose answers on their way and go on from the position they
// kept, are told every event once and in order, while pages come in.
func TestFeedExactlyOnce(t *testing.T) {
	f := newFeedSite(t)
	socket, _ := onSocket(t, f.server)
	consumers := []*consumer{{}, {types: []string{"A"}}, {types: []string{"A", "B"}, hirer: "h1"}, {hirer: "h2"}, {types: []string{"none"}}, {}}
	random := rand.New(rand.NewPCG(3, rand.Uint64()))
	var pages []int
	last := 0
	for range 150 {
		pages = append(pages, 1+random.IntN(40))
		last += pages[len(pages)-1]
	}
	var wg sync.WaitGroup
	for i, c := range consumers {
		c.client, c.wait = admin.Dial(socket), []string{"0", "30"}[i%2]
		wg.Go(func() { follow(t, c, int64(last)) })
	}
	for _, n := range pages {
		f.page(n)
	}
	wg.Wait()
	for _, c := range consumers {
		if want := f.want(c.types, c.hirer); !slices.Equal(want, c.told) {
			t.Errorf("types %v, hirer %q: told %d of %d events, or others", c.types, c.hirer, len(c.told), len(want))
		}
	}
}

// follow asks until it has reached the last event; now and then it hangs up before the answer.
func follow(t *testing.T, c *consumer, last int64) {
	random := rand.New(rand.NewPCG(4, rand.Uint64()))
	for c.next < last {
		ctx, cancel := t.Context(), context.CancelFunc(func() {})
		if random.IntN(3) == 0 {
			ctx, cancel = context.WithTimeout(ctx, time.Duration(random.IntN(3000))*time.Microsecond)
		}
		err := c.ask(ctx, 1+random.IntN(60))
		gone := ctx.Err() != nil
		cancel()
		if err != nil && !gone {
			t.Error(err)
			return
		}
	}
}

// TestFeedWaits: a consumer that waits is answered by the page that comes, and not before; with none it is answered when its wait is over.
// A page of which it wants nothing does not end its wait, and its position moves all the same.
func TestFeedWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeedSite(t)
		c := &consumer{client: admin.Within(f.server.Inside("tester")), wait: "30"}
		begin := time.Now()
		waited := func(want time.Duration) {
			t.Helper()
			if got := time.Since(begin); got != want {
				t.Errorf("answered after %v, want %v", got, want)
			}
			begin = time.Now()
		}
		must := func() {
			t.Helper()
			if err := c.ask(t.Context(), 10); err != nil {
				t.Error(err)
			}
		}
		must()
		waited(30 * time.Second)
		time.AfterFunc(7*time.Second, func() { f.page(3) })
		must()
		waited(7 * time.Second)
		c.types = []string{"none"}
		time.AfterFunc(7*time.Second, func() { f.page(5) })
		must()
		waited(30 * time.Second)
		if c.next != 8 {
			t.Errorf("the position is %d, want 8", c.next)
		}
		c.types, c.next = nil, 3
		must()
		waited(0)
	})
}

// TestFeedPlaces: sixteen may wait; the next is sent away and all others are answered. Who hangs up makes room, and the server's end is an
// answer for those who wait.
func TestFeedPlaces(t *testing.T) {
	f := newFeedSite(t)
	f.page(1)
	socket, end := onSocket(t, f.server)
	client := admin.Dial(socket)
	full := func(err error) bool {
		var said *admin.Error
		return errors.As(err, &said) && said.Status == http.StatusServiceUnavailable
	}
	wait := func(ctx context.Context) error {
		return (&consumer{client: client, wait: "30", next: 1}).ask(ctx, 10)
	}
	waiting := func(ctx context.Context, answers chan error) {
		err := wait(ctx)
		for full(err) { // the one below was there a moment earlier
			err = wait(ctx)
		}
		answers <- err
	}
	turnedAway := func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		return full(wait(ctx))
	}
	ctx, hangUp := context.WithCancel(t.Context())
	gone, kept := make(chan error, 1), make(chan error, 16)
	go waiting(ctx, gone)
	for range 15 {
		go waiting(t.Context(), kept)
	}
	eventually(t, "the seventeenth is turned away", turnedAway)
	if err := (&consumer{client: client, wait: "0", next: 1}).ask(t.Context(), 10); err != nil {
		t.Errorf("without wait: %v", err)
	}
	hangUp()
	<-gone
	eventually(t, "there is room again", func() bool { return !turnedAway() })
	end()
	for range 15 {
		if err := <-kept; err != nil {
			t.Errorf("at the end: %v", err)
		}
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// TestFeedOutlastsTheServersTimeout: the wait of a consumer is not cut by the limit for other answers.
func TestFeedOutlastsTheServersTimeout(t *testing.T) {
	t.Parallel()
	f := newFeedSite(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- admin.ServeBriefly(ctx, l, f.server.Port(), 8, 100*time.Millisecond) }()
	status, _, body := get(t, "http://"+l.Addr().String()+"/api/v1/feed?wait=1", "Bearer "+f.config.FeedToken)
	if status != http.StatusOK || !strings.Contains(body, `"events":[]`) {
		t.Errorf("%d %s", status, body)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func get(t testing.TB, address, authorization string) (status int, header http.Header, body string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

// TestFeedToken: on the port the feed is for whoever has the token, and for nobody where none is configured.
func TestFeedToken(t *testing.T) {
	f := newFeedSite(t)
	address, _ := onPort(t, f.server)
	token := f.config.FeedToken
	for _, c := range []struct {
		token, authorization string
		want                 int
	}{
		{token, "", 401}, {token, "Bearer", 401}, {token, "Bearer ", 401}, {token, "Bearer wrong", 401}, {token, "Bearer " + token[:5], 401},
		{token, "Bearer " + token + "x", 401}, {token, "Basic " + token, 401}, {token, token, 401},
		{token, "Bearer " + token, 200}, {token, "bearer " + token, 200},
		{"", "", 403}, {"", "Bearer", 403}, {"", "Bearer ", 403}, {"", "Bearer x", 403},
	} {
		f.config.FeedToken = c.token
		f.server.Use(f.config)
		status, header, body := get(t, address+"/api/v1/feed", c.authorization)
		if status != c.want || (status == 401) != (header.Get("WWW-Authenticate") != "") {
			t.Errorf("token %q, %q: got %d, want %d: %s", c.token, c.authorization, status, c.want, body)
		}
		if status == 403 && !strings.Contains(body, "admin.token_file") {
			t.Errorf("it does not say how to open it: %s", body)
		}
		if strings.Contains(body, token) || token != "" && strings.Contains(fmt.Sprint(header), token) {
			t.Errorf("the token is told: %v %s", header, body)
		}
	}
}

// TestFeedWrongUse: what cannot be meant is refused in words, above all a position that this database never reached.
func TestFeedWrongUse(t *testing.T) {
	f := newFeedSite(t)
	f.page(7)
	client := admin.Within(f.server.Inside("tester"))
	for query, want := range map[string]int{
		"after=7": 0, "after=": 0, "": 0, "wait=0&limit=1000&type=A&type=B&stream=all": 0,
		"after=8": 409, "after=8&wait=30": 409, "after=9223372036854775807": 409,
		"after=-1": 400, "after=x": 400, "after=1&after=2": 400, "after=9223372036854775808": 400, "limit=0": 400, "limit=1001": 400, "wait=31": 400,
		"wait=9223372036854775807": 400, "wait=-1": 400, "wait=1s": 400, "types=A": 400, "%zz": 400,
		"stream=al": 404, "stream=all&stream=&stream=nope&wait=30": 404,
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			values = nil
		}
		var said *admin.Error
		err = client.Get(t.Context(), "/api/v1/feed", values, io.Discard)
		if got := errors.As(err, &said); got != (want != 0 && values != nil) || got && said.Status != want {
			t.Errorf("%q: got %v, want %d", query, err, want)
		}
		if said != nil && (said.What == "" || said.Status == 409 && !strings.Contains(said.Todo, "backup")) {
			t.Errorf("%q: what to do is not said: %+v", query, said)
		}
	}
}
