package simulator

// profileOf says of an event type that tells of a candidate profile what kind its identifier is of, in which field of the
// event it stands, and how the profile came about. All three are empty for the other types.
func profileOf(typeCode string) (kind, field, source string) {
	switch typeCode {
	case "CandidateApplicationCreated":
		return "candidateProfile:apply", "candidateApplicationProfile", "SeekApplication"
	case "CandidateProfilePurchased":
		return "candidateProfile:purchased", "candidateProfile", "SeekPurchase"
	}
	return "", "", ""
}

// candidateProfile answers as the event does that tells of the profile. The relationship that opens the event's candidate
// opens the profile too. The caller holds mu.
func (s *Server) candidateProfile(id string) any {
	e := s.stream.profiles[id]
	if e == nil || e.streamed.After(s.o.Now()) {
		return nil
	}
	event, _ := maker{e, s.o.Canary}.node().(object) // nil for one that cannot be resolved: nobody was told of its profile
	if r, refused := event["candidate"].(refusal); refused {
		return r
	}
	_, field, _ := profileOf(e.typeCode)
	return event[field]
}
