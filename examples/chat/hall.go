package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A hall is who is there, and in which room. Tasks run one at a time, and
// nothing in here suspends: so there is no lock, and no moment at which
// another task could see a guest in two rooms.
type hall struct {
	rooms map[string][]*guest // who came first is first; a room is there while someone is in it
	names map[string]*guest

	closed bool // the guests are asked to leave
}

// lobby is the room that everyone enters first.
const lobby = "lobby"

func newHall() *hall {
	return &hall{rooms: map[string][]*guest{}, names: map[string]*guest{}}
}

// nameError returns why a name of a guest or a room cannot be.
func nameError(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a name has to have letters")
	case utf8.RuneCountInString(name) > 20:
		return fmt.Errorf("a name has at most 20 letters")
	case !utf8.ValidString(name), strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' || r == '/' }):
		return fmt.Errorf("a name has letters and figures only")
	default:
		return nil
	}
}

// rename gives a guest a name, the first one included.
func (h *hall) rename(g *guest, name string) error {
	if err := nameError(name); err != nil {
		return err
	}
	if other := h.names[name]; other != nil && other != g {
		return fmt.Errorf("there is a %s already", name)
	}
	delete(h.names, g.name)
	if g.room != "" {
		h.say(g, fmt.Sprintf("* %s is now %s", g.name, name))
	}
	g.name = name
	h.names[name] = g
	return nil
}

// enter brings a guest into a room, out of the one before.
func (h *hall) enter(g *guest, room string) error {
	if err := nameError(room); err != nil {
		return err
	}
	if room == g.room {
		return nil
	}
	h.leave(g)
	h.rooms[room] = append(h.rooms[room], g)
	g.room = room
	h.say(nil, fmt.Sprintf("* %s has come into %s", g.name, room), room)
	return nil
}

// leave takes a guest out of its room.
func (h *hall) leave(g *guest) {
	room := g.room
	if room == "" {
		return
	}
	h.rooms[room] = slices.DeleteFunc(h.rooms[room], func(x *guest) bool { return x == g })
	if len(h.rooms[room]) == 0 {
		delete(h.rooms, room)
	}
	g.room = ""
	h.say(nil, fmt.Sprintf("* %s has left %s", g.name, room), room)
}

// part ends a guest's stay.
func (h *hall) part(g *guest) {
	h.leave(g)
	if h.names[g.name] == g {
		delete(h.names, g.name)
	}
}

// say tells everyone in the guest's room, or in the rooms that are named,
// except the guest.
func (h *hall) say(from *guest, line string, rooms ...string) {
	if len(rooms) == 0 {
		rooms = []string{from.room}
	}
	for _, room := range rooms {
		for _, g := range h.rooms[room] {
			if g != from {
				g.tell(line)
			}
		}
	}
}

// who returns the names of those in a room, in order.
func (h *hall) who(room string) []string {
	var names []string
	for _, g := range h.rooms[room] {
		names = append(names, g.name)
	}
	slices.Sort(names)
	return names
}

// list returns a line for each room.
func (h *hall) list() []string {
	var lines []string
	for _, room := range slices.Sorted(maps.Keys(h.rooms)) {
		lines = append(lines, fmt.Sprintf("  %s (%d)", room, len(h.rooms[room])))
	}
	return lines
}

// close asks everyone to leave.
func (h *hall) close() {
	h.closed = true
	for _, name := range slices.Sorted(maps.Keys(h.names)) {
		g := h.names[name]
		g.tell("* the server closes; good-bye")
		_ = g.conn.SetReadDeadline(time.Unix(1, 0)) // it hears no more; see listen
	}
}
