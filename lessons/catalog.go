package lessons

import "slices"

// catalog is the tour: each lesson needs only what those before it showed.
func catalog() []Lesson {
	return slices.Concat(ideas(), tools(), sharing(), beyond())
}
