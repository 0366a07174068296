package config

import "reflect"

// Keys lists every key of the file.
func Keys() []string { return keys(reflect.TypeFor[Config](), "") }

// What the schema must have as the checks have it.
var (
	GoodName   = goodName.String()
	GoodType   = goodType.String()
	EventTypes = eventTypes[:]
)

// Environments are the audiences of SEEK and the scheme of each, in one order.
func Environments() (audiences, schemes []any) {
	for _, e := range environments {
		audiences, schemes = append(audiences, e.audience), append(schemes, e.scheme)
	}
	return audiences, schemes
}

// Preset fills in the defaults of a struct of the config.
func Preset(v reflect.Value) { presetAll(v) }

// Variables are the environment variables by the keys that they override.
func Variables() map[string]string {
	all := map[string]string{}
	for _, o := range overridable(reflect.ValueOf(&Config{}).Elem(), "") {
		all[o.path] = o.variable
	}
	return all
}
