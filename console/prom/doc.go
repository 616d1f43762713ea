// Package prom tells Prometheus how event loops are doing, through its official client.
//
// [NewLoopCollector] publishes the counters of one loop, which cost it nothing.
// [NewCollector] publishes what a console knows besides: how busy loops are, how long
// tasks wait for their turn, executors, and warnings. Their metrics differ in name, so
// both can be registered.
//
//	monitor, err := console.NewMonitor()
//	...
//	prometheus.MustRegister(prom.NewCollector(monitor))
//
// It is a module of its own, so that the library needs no client of Prometheus.
package prom
