package graphql_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"seekpoller/graphql"
)

// of is a node of typename with more members.
func of(typename, more string) string {
	return `{"__typename":"` + typename + `Event","createDateTime":"2019-09-13T22:16:10.593Z","id":{"value":"seekAnz:event:events:A1"},` +
		`"schemeId":"seekAnz","typeCode":"` + typename + `"` + more + `}`
}

// event is what of(typename) reads as, and more.
func event(typename, hirer, unreadable string, identifiers ...string) graphql.Event {
	e := graphql.Event{
		ID: "seekAnz:event:events:A1", Type: typename, Typename: typename + "Event", Scheme: "seekAnz", HirerID: hirer,
		CreatedAt: time.Date(2019, 9, 13, 22, 16, 10, 593e6, time.UTC), Unreadable: unreadable,
	}
	if identifiers != nil {
		e.Identifiers = map[string]string{}
	}
	for i := 0; i+1 < len(identifiers); i += 2 {
		e.Identifiers[identifiers[i]] = identifiers[i+1]
	}
	return e
}

// holdEvent reads node twice: as it is, and with a harmless name twice in it, which is not for strict readers.
func holdEvent(t *testing.T, node string, want graphql.Event) {
	t.Helper()
	for _, node := range []string{node, strings.TrimSuffix(node, "}") + `,"x":1,"x":1}`} {
		if diff := cmp.Diff((graphql.Edge{Node: graphql.Node(node)}).Event(), want); diff != "" {
			t.Errorf("%s: got -, want +\n%s", node, diff)
		}
	}
}

func TestEventOfEachType(t *testing.T) {
	const (
		organizations = `"positionOrganizations":[{"id":{"value":"H1"}},{"id":{"value":"H2"}}]`
		opening       = `"positionOpening":{"postingRequester":{"id":{"value":"H3"}}}`
		position      = `,"positionProfileId":"J1","positionProfile":{` + organizations + `,` + opening + `}`
		associated    = `{"associatedPositionProfile":{"profileId":{"value":"J1"},` + organizations + `,` + opening + `}}`
		application   = `,"candidateApplicationProfileId":"P1","candidateId":"C1","candidateApplicationProfile":`
	)
	for name, c := range map[string]struct {
		node string
		want graphql.Event
	}{
		"application": {of("CandidateApplicationCreated", application+associated),
			event("CandidateApplicationCreated", "H1", "", "candidateApplicationProfileId", "P1", "candidateId", "C1", "associatedPositionProfileId", "J1")},
		"application refused": {of("CandidateApplicationCreated", application+`null`),
			event("CandidateApplicationCreated", "", "", "candidateApplicationProfileId", "P1", "candidateId", "C1")},
		"application to no position": {of("CandidateApplicationCreated", application+`{"associatedPositionProfile":null}`),
			event("CandidateApplicationCreated", "", "", "candidateApplicationProfileId", "P1", "candidateId", "C1")},
		"application with details": {of("CandidateApplicationCreated", `,"candidate":{"person":{"name":{"formattedName":"`+canaryPerson+`"}}}`+application+associated),
			event("CandidateApplicationCreated", "H1", "", "candidateApplicationProfileId", "P1", "candidateId", "C1", "associatedPositionProfileId", "J1")},
		"purchase": {of("CandidateProfilePurchased", `,"candidateProfileId":"P2","candidateProfile":`+associated),
			event("CandidateProfilePurchased", "H1", "", "candidateProfileId", "P2", "associatedPositionProfileId", "J1")},
		"relationship": {of("HirerRelationshipChanged", `,"hirerId":"H9"`), event("HirerRelationshipChanged", "H9", "", "")},
		"posted":       {of("PositionProfilePosted", position), event("PositionProfilePosted", "H1", "", "positionProfileId", "J1")},
		"closed":       {of("PositionProfileClosed", position), event("PositionProfileClosed", "H1", "", "positionProfileId", "J1")},
		"updated":      {of("PositionProfileUpdated", position), event("PositionProfileUpdated", "H1", "", "positionProfileId", "J1")},
		"posted for a hirer kept back": {of("PositionProfilePosted", `,"positionProfileId":"J1","positionProfile":{"positionOrganizations":[],`+opening+`}`),
			event("PositionProfilePosted", "H3", "", "positionProfileId", "J1")},
		"closed long ago": {of("PositionProfileClosed", `,"positionProfileId":"J1","positionProfile":null`),
			event("PositionProfileClosed", "", "", "positionProfileId", "J1")},
		"not posted": {of("PositionNotPosted", `,"reasonId":"R1","seekPartnerPositionId":"X1"`),
			event("PositionNotPosted", "", "", "reasonId", "R1", "seekPartnerPositionId", "X1")},
		"interface only": {of("PositionNotPosted", ""), event("PositionNotPosted", "", "", "")},
		"of a type to come": {of("CandidateHired", `,"positionProfileId":"J1"`),
			event("CandidateHired", "", "events of type CandidateHiredEvent are not known to this version")},
	} {
		t.Run(name, func(t *testing.T) {
			holdEvent(t, c.node, c.want)
		})
	}
}

// Of an odd node the rest is read; what is odd is said without quoting it.
func TestOddNodes(t *testing.T) {
	whole := event("HirerRelationshipChanged", "H9", "", "")
	but := func(why string, change func(e *graphql.Event)) graphql.Event {
		e := whole
		e.Unreadable = why
		change(&e)
		return e
	}
	node := of("HirerRelationshipChanged", `,"hirerId":"H9"`)
	for name, c := range map[string]struct {
		from, to string
		want     graphql.Event
	}{
		"a hirer of a number": {`"H9"`, `9`, but("hirerId has the wrong type", func(e *graphql.Event) { e.HirerID = "" })},
		"a scheme of a list":  {`"seekAnz"`, `["` + canaryPerson + `"]`, but("schemeId has the wrong type", func(e *graphql.Event) { e.Scheme, e.HirerID = "", "" })},
		"no id":               {`"id":{"value":"seekAnz:event:events:A1"},`, ``, but("id is not an identifier", func(e *graphql.Event) { e.ID = "" })},
		"an id of null":       {`{"value":"seekAnz:event:events:A1"}`, `null`, but("id is not an identifier", func(e *graphql.Event) { e.ID = "" })},
		"an id of text":       {`{"value":"seekAnz:event:events:A1"}`, `"A1"`, but("id is not an identifier", func(e *graphql.Event) { e.ID, e.HirerID = "", "" })},
		"an id not UTF-8":     {`events:A1`, "events:\xff", but("id is not an identifier", func(e *graphql.Event) { e.ID = "" })},
		"a time of its own":   {`2019-09-13T22:16:10.593Z`, `13.9.2019`, but("createDateTime is not a time", func(e *graphql.Event) { e.CreatedAt = time.Time{} })},
		"a time with a zone":  {`22:16:10.593Z`, `23:16:10.593+01:00`, whole},
		"no typename":         {`"__typename":"HirerRelationshipChangedEvent",`, ``, whole},
		"no type code":        {`,"typeCode":"HirerRelationshipChanged"`, ``, whole},
		"a name twice":        {`"schemeId":"seekAnz"`, `"schemeId":"seekAnz","schemeId":"seekAnz"`, whole},
		"a name in capitals":  {`"schemeId":"seekAnz"`, `"schemeId":"seekAnz","SCHEMEID":"x","HirerId":"x"`, whole},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(node, c.from) {
				t.Fatalf("the node has no %s", c.from)
			}
			holdEvent(t, strings.Replace(node, c.from, c.to, 1), c.want)
		})
	}
}

// A node that is no object is an event of which nothing can be read.
func TestNodesThatAreNoObjects(t *testing.T) {
	for _, node := range []string{``, `"` + canaryPerson + `"`, `17`, `[]`, `{`, `{"id":`, `null`} {
		got := graphql.Edge{Node: graphql.Node(node)}.Event()
		if got.ID != "" || got.Unreadable == "" || strings.Contains(got.Unreadable, "CANARY") {
			t.Errorf("%s: got %+v, want nothing but a reason", node, got)
		}
	}
}
