// Package serve is what the servers of pages have in common, those of the console and
// of the tour: who may ask, answers that are errors, files that browsers keep, and
// clients that do not take what they are sent.
package serve
