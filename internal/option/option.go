// Package option applies options, for every package of this module that takes
// some. Why options look as they do is in docs/design/options.md.
package option

import "reflect"

// Apply lets each option, in turn, set something of target. An option is an
// interface O with one method that is not exported, and set is that method. Apply
// panics on an option that is nil.
func Apply[T any, O comparable](target *T, opts []O, set func(option O, target *T)) {
	var none O
	for _, o := range opts {
		if o == none {
			panic("asyncio: nil option: leave it out, or pass one that the documentation of " + reflect.TypeFor[O]().Name() + " lists")
		}
		set(o, target)
	}
}
