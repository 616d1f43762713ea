package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio/lessons"
)

// choose returns the lessons that are asked for by name, by number, or as a range of
// numbers, in the order asked for. No arguments ask for the whole tour. Hints name the
// command as it was typed.
func choose(all []lessons.Lesson, args []string, command string) ([]lessons.Lesson, error) {
	if len(args) == 0 {
		return all, nil
	}
	var chosen []lessons.Lesson
	var complaints []string
	far := false
	for _, arg := range args {
		some, complaint, near := several(all, arg)
		if complaint != "" {
			complaints = append(complaints, complaint)
			far = far || !near
			continue
		}
		chosen = append(chosen, some...)
	}
	switch {
	case len(complaints) == 0:
		return chosen, nil
	case far:
		return nil, usageError(strings.Join(complaints, "\n") + "\nThere are:\n" + strings.TrimRight(listed(all), "\n"))
	}
	return nil, usageError(fmt.Sprintf("%s\n%q names all lessons.", strings.Join(complaints, "\n"), command+" tour list"))
}

// several returns the lessons that one argument asks for, or what is wrong with it, and
// whether that tells which lesson is meant.
func several(all []lessons.Lesson, arg string) (some []lessons.Lesson, complaint string, near bool) {
	if first, last, ok := bounds(arg); ok {
		if first > last {
			return nil, fmt.Sprintf("there are no lessons %s: write the lower number first, as in %d-%d", arg, last, first), true
		}
		if first < 1 || last > len(all) {
			return nil, fmt.Sprintf("there are no lessons %s: they are numbered from 1 to %d", arg, len(all)), true
		}
		return all[first-1 : last], "", true
	}
	if l, ok := find(all, arg); ok {
		return []lessons.Lesson{l}, "", true
	}
	complaint, near = unknownLesson(all, arg)
	return nil, complaint, near
}

// bounds returns the ends of a range of numbers, as in "3-5".
func bounds(arg string) (first, last int, ok bool) {
	from, to, found := strings.Cut(arg, "-")
	first, err1 := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	return first, last, found && err1 == nil && err2 == nil
}

func find(all []lessons.Lesson, arg string) (lessons.Lesson, bool) {
	if n, err := strconv.Atoi(arg); err == nil {
		if n < 1 || n > len(all) {
			return lessons.Lesson{}, false
		}
		return all[n-1], true
	}
	wanted := plain(arg)
	for _, l := range all {
		if slices.ContainsFunc(words(l), func(word string) bool { return plain(word) == wanted }) {
			return l, true
		}
	}
	return lessons.Lesson{}, false
}

// words are the names that a lesson answers to.
func words(l lessons.Lesson) []string { return append([]string{l.Name}, l.Aliases...) }

// plain forgets how words are joined: create_task, create-task, CreateTask
// and createtask are one name.
func plain(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

// unknownLesson says that there is no such lesson, and which one is meant, if one is near.
func unknownLesson(all []lessons.Lesson, arg string) (complaint string, near bool) {
	if _, err := strconv.Atoi(arg); err == nil {
		return fmt.Sprintf("there is no lesson %s: they are numbered from 1 to %d", arg, len(all)), true
	}
	if plain(arg) == "" {
		return "there is no lesson without a name", true
	}
	complaint = fmt.Sprintf("there is no lesson %q", arg)
	names := nearest(all, arg)
	if len(names) == 0 {
		return complaint, false
	}
	return complaint + "; did you mean " + strings.Join(names, " or ") + "?", true
}

// nearest returns the names of the lessons that a word means, if it is a name with a slip
// or two in it, or the beginning of one; or none.
func nearest(all []lessons.Lesson, word string) []string {
	word = plain(word)
	best := 1 + len([]rune(word))/4 // what is farther away is a stranger
	var names []string
	take := func(name string, distance int) {
		if distance < best {
			best, names = distance, nil
		}
		if distance == best {
			names = append(names, name)
		}
	}
	for _, l := range all {
		take(l.Name, distanceTo(l, word))
	}
	take("list", likeness(word, "list"))
	return names[:min(3, len(names))]
}

// distanceTo returns how far a word is from the nearest name of a lesson.
func distanceTo(l lessons.Lesson, word string) int {
	best := likeness(word, plain(l.Name))
	for _, name := range l.Aliases {
		best = min(best, likeness(word, plain(name)))
	}
	return best
}

// likeness returns the distance between two names, or one more than that
// between the word and the beginning of the name, if that is less: the beginning of
// a name is near it as well.
func likeness(word, name string) int {
	distances := distances(word, name)
	best := distances[len(distances)-1]
	for _, d := range distances[min(3, len(distances)-1):] {
		best = min(best, d+1)
	}
	return best
}

// distances returns, for each beginning of b, how many letters have to be
// added, dropped, changed, or swapped with their neighbor to make it of a.
func distances(a, b string) []int {
	s, t := []rune(a), []rune(b)
	before, last := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			change := 1
			if s[i] == t[j] {
				change = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+change)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last
}
