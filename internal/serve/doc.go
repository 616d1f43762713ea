// Package serve is what the web servers of the console and of the tour have in common:
// who may ask, answers that are errors, files that browsers cache, and clients that do
// not read their answers.
package serve
