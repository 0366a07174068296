package simulator_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"seekpoller/internal/simulator"
)

// slowFlush is a connection that hands the client everything and takes a while to say so.
type slowFlush struct {
	*httptest.ResponseRecorder
	whole chan struct{} // closed when the client has all of it
}

func (s slowFlush) Flush() {
	if json.Valid(s.Body.Bytes()) {
		close(s.whole)
		time.Sleep(100 * time.Millisecond)
	}
}

// Whoever has read an answer finds it in the log, even if the server has not yet heard that it was taken; and so does
// the law that judges the next query.
func TestLogIsNeverBehindTheClient(t *testing.T) {
	for _, again := range []bool{false, true} {
		inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
			body := `{"query":"query q($s: String!) { events(schemeId: $s) { pageInfo { hasNextPage } } }","variables":{"s":"seekAnz"}}`
			r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader([]byte(body)))
			r.Header = http.Header{"Authorization": {"Bearer " + w.token}, "X-Request-Id": {uuid.NewString()}, "X-Session-Id": {w.session}}
			out := slowFlush{httptest.NewRecorder(), make(chan struct{})}
			done := make(chan struct{})
			go func() {
				defer close(done)
				w.sim.ServeHTTP(out, r)
			}()
			<-out.whole
			if again {
				w.next("")
			}
			got := w.sim.Report()
			if (got.Answered == 2) != again || got.LastPages != got.Answered || slices.Contains(laws(got), "quiet") != again {
				t.Errorf("asked again %v: got %d answered, %d last pages, breaches %v", again, got.Answered, got.LastPages, laws(got))
			}
			<-done
		})
	}
}
