// Package prom makes metrics about event loops for Prometheus, with its official client.
//
// [NewLoopCollector] publishes the counters of one loop, which cost it nothing.
// [NewCollector] publishes what only a console knows: how busy loops are, how long tasks
// wait for their turn, executors, warnings, and what is done beside loops: functions in
// threads, and jobs of package remote, by function. The metrics of the two have different
// names, so both can be registered.
//
//	monitor, err := console.NewMonitor()
//	...
//	prometheus.MustRegister(prom.NewCollector(monitor))
//
// It is a module of its own, so that the library needs no client of Prometheus.
package prom
