// Package copies does what go vet is to find.
package copies

import "github.com/asyncio-go/asyncio"

func lock(asyncio.Lock)                        {}
func event(asyncio.Event)                      {}
func condition(asyncio.Condition)              {}
func semaphore(asyncio.Semaphore)              {}
func bounded(asyncio.BoundedSemaphore)         {}
func barrier(asyncio.Barrier)                  {}
func rwLock(asyncio.RWLock)                    {}
func broadcast(asyncio.Broadcast[int])         {}
func subscriber(asyncio.Subscriber[int])       {}
func watch(asyncio.Watch[int])                 {}
func queue(asyncio.Queue[int])                 {}
func lifoQueue(asyncio.LifoQueue[int])         {}
func priorityQueue(asyncio.PriorityQueue[int]) {}
func taskSet(asyncio.TaskSet[int])             {}
