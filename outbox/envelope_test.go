package outbox_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

var (
	createdAt  = time.Date(2026, 3, 1, 10, 0, 0, 593e6, time.UTC)
	streamedAt = time.Date(2026, 3, 1, 10, 0, 5, 0, time.UTC)
)

// application is one event as the store hands it out.
func application(id string) store.Delivery {
	return store.Delivery{Attempt: 1, Destination: "ats", Event: store.Event{
		Seq: 7, ID: id, Stream: "applications", Type: "CandidateApplicationCreated", Scheme: "seekAnz", Source: "live",
		HirerID: "seekAnz:organization:seek:93WyyF1h", CreatedAt: createdAt, StreamedAt: streamedAt,
		Identifiers: json.RawMessage(`{"candidateApplicationProfileId":"seekAnz:candidateProfile:apply:1","candidateId":"seekAnz:candidate:feed:2","associatedPositionProfileId":"seekAnz:positionProfile:jobAd:3"}`),
		Node:        []byte(`{"id":{"value":"x"},"n":12345678901234567890,"s":"<b>&` + "\u2028" + `\ud800","s":2}`),
	}}
}

func TestEnvelopeIsTheDocumentedObject(t *testing.T) {
	want := `{"id":"e1","seq":7,"source":"live","stream":"applications","type":"CandidateApplicationCreated","schemeId":"seekAnz",` +
		`"createDateTime":"2026-03-01T10:00:00.593Z","streamDateTime":"2026-03-01T10:00:05.000Z","hirerId":"seekAnz:organization:seek:93WyyF1h",` +
		`"identifiers":{"candidateApplicationProfileId":"seekAnz:candidateProfile:apply:1","candidateId":"seekAnz:candidate:feed:2","associatedPositionProfileId":"seekAnz:positionProfile:jobAd:3"},` +
		`"refused":[],"node":{"id":{"value":"x"},"n":12345678901234567890,"s":"<b>&` + "\u2028" + `\ud800","s":2}}`
	if got := string(outbox.Envelope(application("e1"))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEnvelopeOfAnEventOfWhichLittleIsKnown(t *testing.T) {
	d := store.Delivery{Event: store.Event{ID: "edge:c1", Seq: 1, Source: "live", Stream: "s", Scheme: "seekAnz", Unreadable: "no id",
		Node: []byte(`not json`), Refused: json.RawMessage(`[{"path":"candidate","code":"FORBIDDEN","message":"no"}]`)}}
	want := `{"id":"edge:c1","seq":1,"source":"live","stream":"s","type":"","schemeId":"seekAnz","createDateTime":null,"streamDateTime":null,` +
		`"hirerId":null,"identifiers":{},"refused":[{"path":"candidate","code":"FORBIDDEN","message":"no"}],"unreadable":"no id"}`
	if got := string(outbox.Envelope(d)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestEnvelopeHasItsObjectAndItsArray whatever is known and whether or not there is a node that can be read: nobody who reads them meets null.
func TestEnvelopeHasItsObjectAndItsArray(t *testing.T) {
	raw := map[string]json.RawMessage{"none": nil, "": {}}
	for _, known := range []string{"{}", `{"candidateId":"1"}`, "[]", `[{"path":"candidate"}]`, "not json"} {
		raw[known] = json.RawMessage(known)
	}
	for _, node := range []string{"", `{"id":1}`, "not json"} {
		for _, identifiers := range []string{"none", "", "{}", `{"candidateId":"1"}`, "not json"} {
			for _, refused := range []string{"none", "", "[]", `[{"path":"candidate"}]`, "not json"} {
				var got struct{ Identifiers, Refused any }
				d := store.Delivery{Event: store.Event{Node: []byte(node), Identifiers: raw[identifiers], Refused: raw[refused]}}
				if err := json.Unmarshal(outbox.Envelope(d), &got); err != nil {
					t.Fatal(err)
				}
				object, isObject := got.Identifiers.(map[string]any)
				array, isArray := got.Refused.([]any)
				if !isObject || !isArray || len(object) > 0 != strings.Contains(identifiers, `"`) || len(array) > 0 != strings.Contains(refused, `"`) {
					t.Errorf("node %q, identifiers %q, refused %q: got %s", node, identifiers, refused, outbox.Envelope(d))
				}
			}
		}
	}
}

var oneEvent = []store.Delivery{application("e1")}
