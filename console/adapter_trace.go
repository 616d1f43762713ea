package console

import (
	"fmt"
	"io"
)

// WriteTrace writes the events of the last seconds.
func (c *gatherer) WriteTrace(out io.Writer, loop, seconds int, format string) error {
	return fmt.Errorf("not yet")
}
