package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says in our words what is wrong with a flag. --database, which half of the verbs have, is told where it belongs: a daemon on another database
// than was meant is no small thing.
func flagError(cmd *cobra.Command, err error) error {
	var named interface{ GetSpecifiedName() string } // as the flags' errors have
	if errors.As(err, &named) && named.GetSpecifiedName() == "database" && cmd.Flag("database") == nil {
		return &exitError{code: exitUsage, what: fmt.Errorf("%s takes no --database: the flag is for verbs that look into a database", cmd.CommandPath()),
			todo: "the daemon's own is set with database: in the config, or with SEEK_POLLER_DATABASE"}
	}
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		err = fmt.Errorf("--%s is %q; %s", wrong.GetFlag().Name, wrong.GetValue(), wanted(wrong))
	}
	return usageError(err, cmd.CommandPath())
}

// wanted is what a flag takes, by its type. A flag that reads its text by itself says it better.
func wanted(wrong *pflag.InvalidValueError) string {
	switch wrong.GetFlag().Value.Type() {
	case "int", "int64":
		return "it takes a whole number"
	case "float64":
		return "it takes a number, such as 0.5"
	case "duration":
		return "it takes a number and a unit, such as 60s or 15m"
	case "bool":
		return "it takes no value, or =false"
	}
	return errors.Unwrap(wrong).Error()
}

// flagGroups are cobra's words about flags that belong together, and what they mean.
var flagGroups = []struct {
	said  *regexp.Regexp
	means string
}{
	{regexp.MustCompile(`^at least one of the flags in the group \[(.*)\] is required$`), "one of these flags is needed: "},
	{regexp.MustCompile(`^if any flags in the group \[.*\] are set none of the others can be; \[(.*)\] were all set$`), "only one of these flags can be given: "},
	{regexp.MustCompile(`^required flag\(s\) (.*) not set$`), "these flags are needed too: "},
}

// inFlags puts cobra's complaints about flags into words that name them as they are typed.
func inFlags(err error) error {
	for _, g := range flagGroups {
		if found := g.said.FindStringSubmatch(err.Error()); found != nil {
			names := strings.Fields(strings.NewReplacer(`"`, "", ",", "").Replace(found[1]))
			return errors.New(g.means + "--" + strings.Join(names, ", --"))
		}
	}
	return err
}
