package graphql

// identify takes from a node's struct what names its subject and its hirer.
func (e *Event) identify(fields eventIDs) {
	e.Identifiers = make(map[string]string, 3)
	switch n := fields.(type) {
	case *eventIDsCandidateApplicationCreatedEvent:
		e.name("candidateApplicationProfileId", n.CandidateApplicationProfileId)
		e.name("candidateId", n.CandidateId)
		e.associate(&n.CandidateApplicationProfile)
	case *eventIDsCandidateProfilePurchasedEvent:
		e.name("candidateProfileId", n.CandidateProfileId)
		e.associate(&n.CandidateProfile)
	case *eventIDsHirerRelationshipChangedEvent:
		e.HirerID = n.HirerId
	case *eventIDsPositionNotPostedEvent:
		e.name("reasonId", n.ReasonId)
		e.name("seekPartnerPositionId", n.SeekPartnerPositionId)
	case *eventIDsPositionProfileClosedEvent:
		e.position(n.PositionProfileId, &n.PositionProfile)
	case *eventIDsPositionProfilePostedEvent:
		e.position(n.PositionProfileId, &n.PositionProfile)
	case *eventIDsPositionProfileUpdatedEvent:
		e.position(n.PositionProfileId, &n.PositionProfile)
	}
}

// name keeps an identifier, unless it is absent, as all are where only the interface was selected.
func (e *Event) name(key, value string) {
	if value != "" {
		e.Identifiers[key] = value
	}
}

func (e *Event) position(id string, p *positionIDs) {
	e.name("positionProfileId", id)
	e.HirerID = hirer(p.PositionOrganizations, &p.PositionOpening)
}

// associate takes position and hirer from a candidate's profile, which tells them only by its position.
func (e *Event) associate(p *profileIDs) {
	position := &p.AssociatedPositionProfile
	e.name("associatedPositionProfileId", position.ProfileId.Value)
	e.HirerID = hirer(position.PositionOrganizations, &position.PositionOpening)
}

// hirer is the organization that the position is for; where SEEK keeps that back, the one that asked for it.
func hirer(organizations []hirerID, opening *openingIDs) string {
	if len(organizations) > 0 && organizations[0].Id.Value != "" {
		return organizations[0].Id.Value
	}
	return opening.PostingRequester.Id.Value
}
