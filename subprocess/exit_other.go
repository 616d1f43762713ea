//go:build !linux

package subprocess

func watchHandle(*process) exitWatch { return nil }
