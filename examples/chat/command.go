package main

import (
	"fmt"
	"strings"
)

var help = []string{
	"* /nick NAME    take another name",
	"* /join ROOM    go into another room",
	"* /rooms        what rooms there are",
	"* /who          who is in the room",
	"* /quit         leave",
	"* anything else is said to the room; //slash says /slash",
}

// do does what a line says, and reports whether the guest leaves.
func (h *hall) do(g *guest, line string) (leaves bool) {
	if g.name == "" {
		h.welcome(g, line)
		return false
	}
	command, isCommand := strings.CutPrefix(line, "/")
	switch {
	case line == "":
		return false
	case !isCommand || strings.HasPrefix(command, "/"):
		h.say(g, g.name+": "+strings.TrimPrefix(line, "/"))
		return false
	}
	name, argument, _ := strings.Cut(command, " ")
	return h.command(g, name, strings.TrimSpace(argument))
}

// welcome takes a guest's first line for its name.
func (h *hall) welcome(g *guest, name string) {
	if err := h.rename(g, name); err != nil {
		g.tell(fmt.Sprintf("* %v; what is your name?", err))
		return
	}
	g.tell(fmt.Sprintf("* welcome, %s; /help says what you can do", name))
	_ = h.enter(g, lobby) // which is a name
}

func (h *hall) command(g *guest, name, argument string) (leaves bool) {
	var err error
	switch name {
	case "nick":
		err = h.rename(g, argument)
	case "join":
		err = h.enter(g, argument)
	case "rooms":
		g.tellAll(h.list())
	case "who":
		g.tell("* here are " + strings.Join(h.who(g.room), ", "))
	case "help":
		g.tellAll(help)
	case "quit":
		g.tell("* good-bye")
		return true
	default:
		err = fmt.Errorf("there is no /%s; /help says what there is", name)
	}
	if err != nil {
		g.tell(fmt.Sprintf("* %v", err))
	}
	return false
}
