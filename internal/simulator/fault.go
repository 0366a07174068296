package simulator

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Fault is one thing that goes wrong with one request. The zero value is no fault. Make one with ParseFault or one of
// the constructors; Name then says what happens, the other fields how.
type Fault struct {
	Name       string        // one of FaultNames, or "" for none
	Status     int           // of the answer
	RetryAfter string        // raw Retry-After header
	Code       string        // extensions.code of a GraphQL error
	Location   string        // of a redirect
	Delay      time.Duration // before the answer; in "slow" before each byte
}

// The names that need a word. HTTP statuses are named by their number.
const (
	faultGraphQL     = "graphql-error"  // errors, data null
	faultPartial     = "graphql-both"   // errors without a path beside complete data
	faultForbidden   = "forbidden"      // FORBIDDEN on events
	faultValidation  = "validation"     // GRAPHQL_VALIDATION_FAILED, as after a change of schema
	faultBadCursor   = "bad-cursor"     // BAD_USER_INPUT
	faultLimited     = "rate-limited"   // RATE_LIMITED in the body of a 200
	faultNullNode    = "null-node"      // one node cannot be resolved: data null, error below that node
	faultNullData    = "null-data"      // {"data":null} without errors
	faultGarbage     = "garbage"        // 200 with bytes that are no JSON
	faultHTML        = "html"           // 200 with a log-in page
	faultEmpty       = "empty"          // 200 without a body
	faultTrailing    = "trailing"       // a second document after the answer
	faultDuplicate   = "duplicate-keys" // a second endCursor in pageInfo
	faultTruncated   = "truncated-json" // complete by Content-Length, half by content
	faultCut         = "cut"            // connection dropped in the middle of the body
	faultReset       = "reset"          // connection dropped before the request is processed
	faultDropAfter   = "drop-after"     // processed, then dropped before the first byte of the answer
	faultHang        = "hang"           // no answer until the client gives up
	faultSlow        = "slow"           // one byte per Delay
	faultLate        = "late"           // correct, but after Delay
	faultRedirect    = "redirect"       // 307 to Location
	faultExpired     = "expired-token"  // UNAUTHENTICATED; the token is not accepted again
	faultUnknownCode = "unknown-code"   // a GraphQL code that nobody has documented
	faultOversized   = "oversized"      // 40 MiB after decompression
	faultStuck       = "stuck-cursor"   // hasNextPage with the cursor that was sent
	faultCircle      = "circle"         // hasNextPage with an earlier cursor of the stream
)

// named are the faults with the details a person would expect; ParseFault adds the numbers.
func named() map[string]Fault {
	fs := map[string]Fault{
		faultSlow:        {Delay: 10 * time.Second},
		faultLate:        {Delay: 5 * time.Second},
		faultRedirect:    {Status: http.StatusTemporaryRedirect, Location: "http://elsewhere.invalid/graphql"},
		faultGraphQL:     {Code: "INTERNAL_SERVER_ERROR"},
		faultPartial:     {Code: "INTERNAL_SERVER_ERROR"},
		faultNullNode:    {Code: "INTERNAL_SERVER_ERROR"},
		faultForbidden:   {Code: "FORBIDDEN"},
		faultValidation:  {Code: "GRAPHQL_VALIDATION_FAILED", Status: http.StatusBadRequest},
		faultBadCursor:   {Code: "BAD_USER_INPUT"},
		faultLimited:     {Code: "RATE_LIMITED", RetryAfter: "90"},
		faultUnknownCode: {Code: "SOMETHING_NEW"},
		"401":            {Status: http.StatusUnauthorized, Code: "UNAUTHENTICATED"},
		"403":            {Status: http.StatusForbidden, Code: "FORBIDDEN"},
		"429":            {Status: http.StatusTooManyRequests, RetryAfter: "90"},
		"503":            {Status: http.StatusServiceUnavailable, RetryAfter: "90"},
	}
	for _, n := range []string{faultNullData, faultGarbage, faultHTML, faultEmpty, faultTrailing, faultDuplicate, faultTruncated,
		faultCut, faultReset, faultDropAfter, faultHang, faultExpired, faultOversized, faultStuck, faultCircle} {
		fs[n] = Fault{}
	}
	for _, n := range []int{400, 404, 500, 502, 504} {
		fs[strconv.Itoa(n)] = Fault{Status: n}
	}
	for n, f := range fs {
		f.Name = n
		fs[n] = f
	}
	return fs
}

// FaultNames lists what ParseFault knows, sorted. Any HTTP status from 300 to 599 is understood besides.
func FaultNames() []string {
	var names []string
	for n := range named() {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// ParseFault makes the fault of that name. The error names what would be right.
func ParseFault(name string) (Fault, error) {
	if f, ok := named()[name]; ok {
		return f, nil
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 300 && n < 600 {
		return Fault{Name: name, Status: n}, nil
	}
	return Fault{}, fmt.Errorf("no fault is called %q; there are an HTTP status from 300 to 599 and %v", name, FaultNames())
}

// StatusFault answers with an HTTP status and, unless empty, a raw Retry-After header.
func StatusFault(status int, retryAfter string) Fault {
	return Fault{Name: strconv.Itoa(status), Status: status, RetryAfter: retryAfter}
}

// GraphQLFault answers 200 with data null and one error of that code on events.
func GraphQLFault(code string) Fault { return Fault{Name: faultGraphQL, Code: code} }

// LateFault answers correctly after d.
func LateFault(d time.Duration) Fault { return Fault{Name: faultLate, Delay: d} }

// healing are the faults that a client gets over by asking again, without a person.
func healing() []Fault {
	all := named()
	var fs []Fault
	for _, n := range []string{"429", "500", "502", "503", "504", faultGraphQL, faultPartial, faultLimited, faultNullNode, faultNullData,
		faultGarbage, faultHTML, faultEmpty, faultTrailing, faultDuplicate, faultTruncated, faultCut, faultReset, faultDropAfter,
		faultHang, faultSlow, faultLate, faultExpired, faultUnknownCode} {
		fs = append(fs, all[n])
	}
	for _, after := range []string{"1", "-5", "soon", "Fri, 31 Dec 1999 23:59:59 GMT", "300"} {
		fs = append(fs, StatusFault(http.StatusServiceUnavailable, after))
	}
	return fs
}

// RandomFaults lets a share (0 to 1) of the events and token requests fail in a way that passes by itself. Which ones
// follows from seed and the request's number, not from the order of calls.
func RandomFaults(seed int64, share float64) func(Request) Fault {
	return Share(seed, share, healing()...)
}

// Share lets a share (0 to 1) of the events and token requests fail with one of fs, each as likely as the other.
func Share(seed int64, share float64, fs ...Fault) func(Request) Fault {
	return func(r Request) Fault {
		if len(fs) == 0 || r.Kind != kindEvents && r.Kind != kindToken {
			return Fault{}
		}
		h := fnv.New64a()
		fmt.Fprintf(h, "%s/%d", r.Kind, r.N)
		rng := rand.New(rand.NewPCG(uint64(seed), h.Sum64()))
		if rng.Float64() >= share {
			return Fault{}
		}
		return fs[rng.IntN(len(fs))]
	}
}
