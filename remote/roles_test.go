package remote

// AddRole lets the tests of package remote_test start the test binary as another process.
func AddRole(name string, role func() error) { roles[name] = role }

// RoleVariable is the environment variable that says as what the test binary is started.
const RoleVariable = roleVariable
