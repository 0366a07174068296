package outbox

import "seekpoller/store"

// Envelope is the JSON object that destinations other than SEEK's format receive, on one line without a newline at its end. It is
// the same bytes for every attempt. Its members are always there, null where nothing is known, except unreadable and node. The node
// carries identifiers only, unless its stream selects details. White space between the node's tokens is dropped and bytes that are
// not UTF-8 become U+FFFD (RFC 8259 allows no others); nothing else is changed.
func Envelope(d store.Delivery) []byte {
	e := d.Event
	o := newObject(len(e.Identifiers) + len(e.Refused) + len(e.Node))
	o.text("id", e.ID)                          // SEEK's event id; what receivers deduplicate by
	o.number("seq", e.Seq)                      // order of arrival in this database
	o.text("source", e.Source)                  // live, backfill or reconcile
	o.text("stream", e.Stream)                  // as configured
	o.text("type", e.Type)                      // SEEK's type code; open-ended
	o.text("schemeId", e.Scheme)                // seekAnz, …
	o.time("createDateTime", e.CreatedAt)       // of the event; null: unreadable
	o.time("streamDateTime", e.StreamedAt)      // when SEEK added it to the stream; null: unreadable
	o.textOr("hirerId", e.HirerID, "null")      // null: unknown
	o.value("identifiers", e.Identifiers, "{}") // object, SEEK's names
	o.value("refused", e.Refused, "[]")         // array of {path, code, message}: fields that SEEK withheld
	o.textOr("unreadable", e.Unreadable, "")    // why the node could not be decoded
	o.value("node", e.Node, "")                 // the event as SEEK sent it; absent once purged
	return o.end()
}
