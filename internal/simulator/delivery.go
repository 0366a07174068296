package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The webhook body as SEEK's schema has it (https://developer.seek.com/schema/webhooks). Properties that the schema
// does not name are reported: a strict handler would refuse them.
type delivery struct {
	Events         []map[string]any `json:"events"`
	SubscriptionID string           `json:"subscriptionId"`
	URL            string           `json:"url"`
	ExpireDateTime string           `json:"expireDateTime"`
}

// required are the properties of each event type beyond createDateTime, id and type. hirerId is optional in all but
// HirerRelationshipChanged.
func required(typeCode string) (properties []string, known bool) {
	switch typeCode {
	case "CandidateApplicationCreated":
		return []string{"candidateApplicationProfileId", "candidateId"}, true
	case "CandidateProfilePurchased":
		return []string{"candidateProfileId"}, true
	case "HirerRelationshipChanged":
		return []string{"hirerId"}, true
	case "PositionProfilePosted", "PositionProfileClosed", "PositionProfileUpdated":
		return []string{"positionProfileId"}, true
	case "PositionNotPosted":
		return []string{"reasonId", "seekPartnerPositionId"}, true
	}
	return nil, false
}

// readDelivery takes a body apart and says what is wrong with it.
func readDelivery(body []byte) (ids []string, typeCode string, problems []string) {
	var d delivery
	r := json.NewDecoder(bytes.NewReader(body))
	r.DisallowUnknownFields()
	if err := r.Decode(&d); err != nil {
		return nil, "", []string{"the body is not SEEK's: " + err.Error()}
	}
	if r.More() {
		problems = append(problems, "something follows the body")
	}
	if len(d.Events) < 1 || len(d.Events) > 10 {
		problems = append(problems, fmt.Sprintf("%d events instead of 1 to 10", len(d.Events)))
	}
	if d.SubscriptionID == "" || d.URL == "" {
		problems = append(problems, "subscriptionId or url is missing")
	}
	if _, err := time.Parse(time.RFC3339, d.ExpireDateTime); err != nil {
		problems = append(problems, "expireDateTime is not RFC 3339")
	}
	for i, e := range d.Events {
		id, t := text(e["id"]), text(e["type"])
		if i > 0 && t != typeCode {
			problems = append(problems, "events of more than one type")
		}
		if slices.Contains(ids, id) {
			problems = append(problems, "the same event twice in one body")
		}
		ids, typeCode = append(ids, id), t
		problems = append(problems, checkEvent(e, t)...)
	}
	return ids, typeCode, problems
}

func checkEvent(e map[string]any, typeCode string) []string {
	var problems []string
	own, known := required(typeCode)
	need := append([]string{"createDateTime", "id", "type"}, own...)
	for _, p := range need {
		if text(e[p]) == "" {
			problems = append(problems, p+" is missing or no text")
		}
	}
	if _, err := time.Parse(time.RFC3339, text(e["createDateTime"])); err != nil {
		problems = append(problems, "createDateTime is not RFC 3339")
	}
	for p := range e {
		if known && p != "hirerId" && !slices.Contains(need, p) {
			problems = append(problems, p+" is not a property of "+typeCode)
		}
	}
	return problems
}
