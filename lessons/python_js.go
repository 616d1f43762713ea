package lessons

import "embed"

var pythonSources embed.FS // a browser has the page, which shows them
