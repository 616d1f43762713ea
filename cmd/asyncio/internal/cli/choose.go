package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio/lessons"
)

// choose returns the lessons that are asked for by name or number, in the
// order asked for. No arguments ask for the whole tour.
func choose(all []lessons.Lesson, args []string) ([]lessons.Lesson, error) {
	if len(args) == 0 {
		return all, nil
	}
	var chosen []lessons.Lesson
	var unknown []string
	for _, arg := range args {
		l, ok := find(all, arg)
		if !ok {
			unknown = append(unknown, complaint(all, arg))
			continue
		}
		chosen = append(chosen, l)
	}
	if len(unknown) > 0 {
		return nil, usageError(strings.Join(unknown, "\n") +
			"\n\"asyncio tour list\" names all lessons.")
	}
	return chosen, nil
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

func complaint(all []lessons.Lesson, arg string) string {
	if _, err := strconv.Atoi(arg); err == nil {
		return fmt.Sprintf("there is no lesson %s: they are numbered from 1 to %d", arg, len(all))
	}
	if plain(arg) == "" {
		return "there is no lesson without a name"
	}
	return fmt.Sprintf("there is no lesson %q; the nearest: %s", arg, strings.Join(nearest(all, arg), ", "))
}

// nearest returns the names of the lessons that a word most likely means: the
// best three, or fewer if those after the first are much farther away.
func nearest(all []lessons.Lesson, word string) []string {
	type candidate struct {
		name     string
		distance int
	}
	candidates := []candidate{{"list", likeness(plain(word), "list")}}
	for _, l := range all {
		candidates = append(candidates, candidate{l.Name, distanceTo(l, plain(word))})
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	best := candidates[0].distance
	var names []string
	for _, c := range candidates[:min(3, len(candidates))] {
		if c.distance <= best+2 {
			names = append(names, c.name)
		}
	}
	return names
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
