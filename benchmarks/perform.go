package main

// Performing: one side's work alone, with nothing that measures it in the same
// process, for profilers and for those who count.

import "fmt"

// untimed is the timer of those who measure nothing.
type untimed struct{}

func (untimed) StartTimer() {}
func (untimed) StopTimer()  {}

// perform does about n operations of each side of that name; of all, if it is
// empty.
func perform(chosen []subject, side string, n int) error {
	known := false
	for _, s := range chosen {
		for _, c := range s.contenders() {
			if c.body == nil || side != "" && side != c.name {
				continue
			}
			known = true
			if err := c.body(untimed{}, c.units(n)); err != nil {
				return fmt.Errorf("%s, %s: %w", s.name, c.name, err)
			}
		}
	}
	if !known {
		return fmt.Errorf("no subject has a side %q", side)
	}
	return nil
}
