//go:build !unix

package servers

func startRedis() (string, error)    { return "", ErrNotInstalled }
func startPostgres() (string, error) { return "", ErrNotInstalled }
