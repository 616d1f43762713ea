package command

import (
	"encoding/json"
	"os"
)

// Ordered reads what a parent process has told this one to do: JSON in an environment
// variable. It reports whether there is an order.
func Ordered(variable string, order any) (ordered bool, err error) {
	told, ok := os.LookupEnv(variable)
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal([]byte(told), order)
}
