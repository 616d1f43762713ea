package lesson

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of parameters.
const (
	KindDuration = "duration"
	KindInt      = "int"
	KindChoice   = "choice"
	KindBool     = "bool"
)

// A Param is something about a lesson that can be changed before it runs again. Values
// are written as on a command line: "1.5s", "3", "B", "true".
type Param struct {
	Name    string   `json:"name"`
	Label   string   `json:"label"` // what it is, in a few words
	Kind    string   `json:"kind"`
	Default string   `json:"default"`
	Min     string   `json:"min,omitempty"`  // of durations and numbers
	Max     string   `json:"max,omitempty"`  // likewise
	Step    string   `json:"step,omitempty"` // by which a slider moves
	Choices []string `json:"choices,omitempty"`
}

// DurationParam returns a parameter that is a time from least to most.
func DurationParam(name, label string, value, least, most time.Duration) Param {
	return Param{
		Name: name, Label: label, Kind: KindDuration,
		Default: value.String(), Min: least.String(), Max: most.String(), Step: "100ms",
	}
}

// IntParam returns a parameter that is a number from least to most.
func IntParam(name, label string, value, least, most int) Param {
	return Param{
		Name: name, Label: label, Kind: KindInt,
		Default: strconv.Itoa(value), Min: strconv.Itoa(least), Max: strconv.Itoa(most), Step: "1",
	}
}

// ChoiceParam returns a parameter that is one of some words.
func ChoiceParam(name, label, value string, choices ...string) Param {
	return Param{Name: name, Label: label, Kind: KindChoice, Default: value, Choices: choices}
}

// BoolParam returns a parameter that is true or false.
func BoolParam(name, label string, value bool) Param {
	return Param{Name: name, Label: label, Kind: KindBool, Default: strconv.FormatBool(value)}
}

// Check returns an error that says what is wrong with a value, if anything is.
func (p Param) Check(value string) error {
	switch p.Kind {
	case KindDuration:
		d, err := time.ParseDuration(value)
		least, _ := time.ParseDuration(p.Min)
		most, _ := time.ParseDuration(p.Max)
		if err != nil || d < least || d > most {
			return fmt.Errorf("%s=%s: has to be a time from %s to %s, as in %s=%s", p.Name, value, p.Min, p.Max, p.Name, p.Default)
		}
	case KindInt:
		n, err := strconv.Atoi(value)
		least, _ := strconv.Atoi(p.Min)
		most, _ := strconv.Atoi(p.Max)
		if err != nil || n < least || n > most {
			return fmt.Errorf("%s=%s: has to be a number from %s to %s, as in %s=%s", p.Name, value, p.Min, p.Max, p.Name, p.Default)
		}
	case KindChoice:
		if !slices.Contains(p.Choices, value) {
			return fmt.Errorf("%s=%s: has to be one of %s", p.Name, value, strings.Join(p.Choices, ", "))
		}
	case KindBool:
		if value != "true" && value != "false" {
			return fmt.Errorf("%s=%s: has to be true or false", p.Name, value)
		}
	}
	return nil
}

// Check returns an error that says what is wrong with the values of a lesson's
// parameters, if anything is.
func Check(params []Param, values map[string]string) error {
	for _, name := range sortedNames(values) {
		i := slices.IndexFunc(params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return fmt.Errorf("%s: there is no such parameter; there are: %s", name, names(params))
		}
		if err := params[i].Check(values[name]); err != nil {
			return err
		}
	}
	return nil
}

func sortedNames(values map[string]string) []string {
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func names(params []Param) string {
	var names []string
	for _, p := range params {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// Duration returns the value of a parameter of the lesson, or value, which a reader sees
// in the code, if the parameter was not changed.
func Duration(ctx context.Context, name string, value time.Duration) time.Duration {
	return valueOf(ctx, name, value, time.ParseDuration)
}

// Int is Duration for a number.
func Int(ctx context.Context, name string, value int) int {
	return valueOf(ctx, name, value, strconv.Atoi)
}

// Choice is Duration for one of some words.
func Choice(ctx context.Context, name, value string) string {
	return valueOf(ctx, name, value, func(s string) (string, error) { return s, nil })
}

// Bool is Duration for a switch.
func Bool(ctx context.Context, name string, value bool) bool {
	return valueOf(ctx, name, value, strconv.ParseBool)
}

func valueOf[T any](ctx context.Context, name string, value T, parse func(string) (T, error)) T {
	env := of(ctx)
	if env.Asked != nil {
		env.Asked(name, fmt.Sprint(value))
	}
	text, ok := env.Values[name]
	if !ok {
		return value
	}
	set, err := parse(text)
	if err != nil {
		panic(fmt.Sprintf("lesson: %s=%s: check the values of a lesson with Check before it runs", name, text))
	}
	return set
}
