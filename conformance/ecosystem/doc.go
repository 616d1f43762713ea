// Package ecosystem tests asyncio with other people's libraries against real servers.
//
// A case is a library, used in one way that docs/guide/ecosystem.md recommends, or warns
// of. Each goes through the same five situations: many tasks, fewer connections than
// tasks, cancellation and timeout in mid-call, a connection that is killed, and a clean
// end. The table of that page is made from what was observed:
//
//	go test ./conformance/ecosystem          # compares it with the table
//	go test ./conformance/ecosystem -update  # writes it
//
// Cases whose server is not installed are skipped, and their rows stay as they are.
package ecosystem
