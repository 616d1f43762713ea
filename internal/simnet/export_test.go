package simnet

// Left returns how many ends of connections and ports of clients the host has.
func (h *Host) Left() int { return h.ends.Len() + len(h.clients) }
