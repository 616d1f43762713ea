//go:build !race

package asynctest

const race = false
