package engine

// number is an event that is known by its number.
type number int

func (number) Fire() {}

// drain takes all numbers out.
func drain(q *readyQueue) (all []number) {
	for q.Len() > 0 {
		all = append(all, q.take().(number))
	}
	return all
}
