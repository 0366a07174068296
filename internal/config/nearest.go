package config

// nearest is the candidate that name is most likely a misspelling of, or "".
// About a third of the letters may be wrong.
func nearest(name string, candidates []string) string {
	return nearestWithin(name, candidates, max(1, (len(name)+1)/3))
}

func nearestWithin(name string, candidates []string, most int) string {
	best := ""
	for _, c := range candidates {
		if d := distance(name, c); d <= most {
			best, most = c, d-1
		}
	}
	return best
}

// distance is Levenshtein's: how many letters must be put in, left out or
// changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
