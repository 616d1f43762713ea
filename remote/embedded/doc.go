// Package embedded runs a NATS server with JetStream inside the program, for package
// remote: so a program that has outgrown its machine needs no other one to be installed,
// until it wants a server or a cluster of its own. It does not use package remote, and a
// client or a worker does not have to import it.
//
//	server, err := embedded.Start("data")
//	if err != nil {
//		return err
//	}
//	defer server.Close()
//	nc, err := server.Conn() // or remote.Dial(ctx, server.URL()), also in other processes
//
// # What is kept
//
// JetStream keeps its streams as files in the directory that Start is given; Start on the
// same directory goes on with what is there. What the server has confirmed, it has handed
// to the operating system before, so a crash of the process, or kill -9, loses nothing of
// it. Only how often a job was delivered is written up to a tenth of a second later, so that
// after a crash a job may run once more than its counts say.
//
// A power cut, or a crash of the operating system, is another matter: the files are synced
// every two minutes by default, and the jobs, results and acknowledgments of up to the last
// two minutes may be gone, or come back: a job that had ended may run again. SyncInterval
// makes that time shorter. With SyncAlways, nothing that was confirmed is lost, and each
// write waits for the disk, which makes jobs slower by far.
//
// # Security
//
// The server listens on 127.0.0.1 alone, where every user of the machine can reach it; with
// InProcess it does not listen at all. To open it to others, give it an address, TLS, and
// accounts or nkeys, by ConfigFile or Config. docs/guide/remote-accounts.conf is a template
// that keeps clients apart.
package embedded
