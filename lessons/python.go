//go:build !js

package lessons

import "embed"

//go:embed */*.py
var pythonSources embed.FS
