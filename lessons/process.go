//go:build !js

package lessons

import "github.com/asyncio-go/asyncio/lessons/subprocess"

var runSubprocess = subprocess.Run
