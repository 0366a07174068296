package outbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Key is the idempotency key of an event at a destination: 32 lower-case hex digits. It depends on the two names and on nothing
// else, so it is the same after a crash, a restored backup or an event fetched anew. The length in front keeps two pairs whose
// names run together alike apart.
func Key(eventID, destination string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(eventID), eventID, destination))
	return hex.EncodeToString(sum[:16])
}
