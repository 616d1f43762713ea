package timers

// late is a binary heap, for container/heap, of entries whose deadlines were
// before Heap.last when they were set. Usually there are none.
type late[P any] []entry[P]

func (l late[P]) Len() int { return len(l) }

func (l late[P]) Less(i, j int) bool {
	return l[i].when < l[j].when || l[i].when == l[j].when && l[i].seq < l[j].seq
}

func (l late[P]) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

func (l *late[P]) Push(e any) { *l = append(*l, e.(entry[P])) }

// Pop gives the memory back with the last entry.
func (l *late[P]) Pop() any {
	last := len(*l) - 1
	e := (*l)[last]
	if (*l)[last].timer = nil; last == 0 {
		*l = nil
	} else {
		*l = (*l)[:last]
	}
	return e
}
