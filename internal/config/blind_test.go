package config_test

// blind are the bad files that no schema can refuse, by the reason.
var blind = map[string][]string{
	"YAML that editors permit, and the loader does not": {
		"1: a second document at the end", "1: a second document that is not YAML", "1: an alias", "1: a tag", "1: a tag of one's own",
	},
	"what is in a file, or whether there is one": {
		"2: the secret itself for its file", "2: the secret itself, with a credentials directory", "2: an absolute secret file that is missing",
		"2: a secret file for everybody", "2: an empty secret file", "2: a secret of two lines", "2: a secret with a space after it", "2: a huge secret file",
		"2: a directory for a secret", "2: a secret file that cannot be opened", "2: a device for a secret", "2: a CA file without a certificate",
		"2: a CA file that is missing", "2: a database that is a directory", "2: a database that is the config", "2: a database that is a secret",
		"2: a database below a file", "4: a short secret", "4: a long secret", "4: a secret that is not Standard Webhooks'",
		"4: a directory that is a file", "4: a directory below a file",
	},
	"the groups of the machine": {"4: a group that does not exist", "5: a group that does not exist, for the socket"},
	"how long a duration is": {
		"2: a time-out too long", "2: a duration that overflows", "2: an interval under the limit", "2: a quiet period under the limit", "2: an interval of a week",
		"2: limits loosened with one address elsewhere", "2: limits loosened through a proxy", "3: a period of a millisecond",
		"3: a window of more than SEEK keeps", "3: a window of next to nothing", "5: records kept too short", "5: payloads kept longer than records",
	},
	"when a schedule fires, and what time it is": {
		"3: a schedule out of range", "3: a schedule that never fires", "3: a reconciliation that never comes", "3: a start in the future",
	},
	"two values in a list that must differ, or be the same": {
		"3: two streams of one name", "3: two streams with one type", "3: a second stream with all types", "3: a first stream with all types",
		"4: two destinations of one name", "4: an unknown stream", "4: an unknown stream that resembles none",
	},
	"the host of a URL beside another key": {"4: plain http to another machine"},
	"how a URL is parsed": {
		"2: an endpoint with an impossible port", "2: an endpoint that cannot be parsed", "4: a token in the url that cannot be parsed", "4: the metadata address",
		"5: an impossible port",
	},
	"the directory that a path starts at": {"5: a socket's path too long"},
	"the environment": {
		"5: a variable that does not exist", "5: a misspelt variable", "5: a secret in a variable", "5: a list in a variable", "5: a variable without a unit",
		"5: an empty variable", "5: a rule broken by a variable",
	},
}
