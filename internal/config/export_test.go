package config

import "reflect"

// Keys lists every key of the file.
func Keys() []string { return keys(reflect.TypeFor[Config](), "") }
