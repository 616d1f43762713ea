package console

import "time"

// tick does what is due; due says whether a frame is.
func (w *watched) tick(now time.Time, due bool) {
	w.mu.Lock()
	if w.over {
		w.mu.Unlock()
		return
	}
	w.watchStep(now)
	w.answered()
	w.payState()
	w.confirmed()
	if due && !now.Before(w.nextView) {
		w.second(now)
	}
	if due {
		w.tellFrame()
	}
	silent := w.waitedFor(now) >= patience
	told := w.stale && now.Sub(w.staleTold) < stateEvery
	w.mu.Unlock()
	if silent && !told {
		w.lookWhereItStands()
		w.mu.Lock()
		if w.stale {
			w.staleTold = now
			w.judge()
			w.tellStale()
		} else {
			w.payState()
		}
		w.mu.Unlock()
	}
}

// payState judges and sends the state that is due, once it has come, no matter who has
// asked for it.
func (w *watched) payState() {
	if w.owed && w.news {
		w.owed = false
		w.judge()
		w.tellState()
	}
}

// second asks for the state of the loop; if the loop has done nothing since the last
// time, it uses the known state. The caller holds mu.
func (w *watched) second(now time.Time) {
	w.nextView = now.Add(stateEvery)
	if w.lazy {
		w.nextView = now.Add(lazyEvery)
	}
	if w.request != nil {
		return // it does not answer yet
	}
	w.owed, w.news = true, w.isQuiet()
	if !w.news {
		w.ask()
		return
	}
	w.goOn()
	w.payState()
}

// tellFrame sends clients the events since the last time. The caller holds mu.
func (w *watched) tellFrame() {
	if len(w.clients) > 0 {
		f := w.frame.take(w, w.src.now(), w.dropped)
		for _, c := range w.clients {
			c.frame(f)
			c.flush()
		}
	}
	w.names.forgetLeft(w.src.now() - int64(keepEnded))
}

// tellState sends clients the state, in so far as it has changed. The caller holds mu.
func (w *watched) tellState() {
	if len(w.clients) == 0 {
		return
	}
	s := w.snapshot(0)
	w.table.update(s.Tasks)
	for _, c := range w.clients {
		c.state(s, &w.table)
	}
}

// tellStale tells clients that the loop does not answer. The caller holds mu.
func (w *watched) tellStale() {
	if len(w.clients) == 0 || !w.stale {
		return
	}
	s := w.snapshot(0)
	for _, c := range w.clients {
		c.stale(s)
	}
}

// end ends the watching, and with it the channels of the clients.
func (w *watched) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	w.tellFrame()
	w.warnings.endAll(w.src.now())
	w.over = true
	for _, c := range w.clients {
		c.close()
	}
	w.clients = nil
}

func (w *watched) isOver() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.over
}

// wantsFrames reports whether the loop has clients, or owes an answer.
func (w *watched) wantsFrames() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.clients) > 0 || w.request != nil || w.check != nil
}
