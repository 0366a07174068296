package simulator

// TypesAdded counts the entries of the stream by type.
func (s *Server) TypesAdded() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := map[string]int{}
	for _, e := range s.stream.entries {
		n[e.typeCode]++
	}
	return n
}
