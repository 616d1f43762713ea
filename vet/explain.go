package vet

import (
	"embed"
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A Rule is a mistake that is looked for.
type Rule struct {
	Name     string // as in messages and in comments that silence it: "lost-error"
	Analyzer *analysis.Analyzer
	flag     string // of the analyzer: it switches on what is looked for only on request
}

// Rules returns all rules, in the order in which they are documented.
func Rules() (all []Rule) {
	for _, r := range rules {
		all = append(all, Rule{r.name, r.analyzer, onRequest[r.name]})
	}
	return append(all, Rule{Name: "ok", Analyzer: comments})
}

// Find returns the rule with that name.
func Find(name string) (Rule, error) {
	var names []string
	for _, r := range Rules() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Rule{}, fmt.Errorf("there is no rule %q; there are: %s", name, strings.Join(names, ", "))
}

// Flag returns the flag of the analyzer that switches on what the rule looks for only on
// request: "enable". It returns "" if it always looks for everything.
func (r Rule) Flag() string { return r.flag }

// onRequest has the rules that look for something only on request, and their flags for it.
var onRequest = map[string]string{"blocks": "files", "busy-wait": "enable", "lost-error": "statements"}

// texts says of each rule what the mistake is, what happens at run time, and what the cure
// is. Analyzers have their documentation from here, and so has docs/guide/vet.md.
//
//go:embed rules/*.md
var texts embed.FS

// Text returns what there is to say about the rule, in Markdown, below a heading of the
// first level: the mistake, what happens at run time, and the cure, with code.
func (r Rule) Text() string { return textOf(r.Name) }

func textOf(name string) string {
	text, err := texts.ReadFile("rules/" + name + ".md")
	if err != nil {
		panic(err) // a test looks after it
	}
	var lines strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\r\n", "\n")) {
		if !strings.HasPrefix(line, "<!-- ") { // it says where code comes from
			lines.WriteString(line)
		}
	}
	return lines.String()
}

// Explain returns Text for people who read it in a terminal.
func (r Rule) Explain() string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(r.Text()) {
		switch fence := strings.HasPrefix(line, "```"); {
		case fence:
			code = !code
		case code && line != "\n":
			b.WriteString("    " + strings.ReplaceAll(line, "\t", "    "))
		case code:
			b.WriteString("\n")
		default:
			b.WriteString(strings.ReplaceAll(strings.TrimPrefix(line, "# "), "**", ""))
		}
	}
	return b.String()
}

// doc returns the documentation of the analyzer of a rule.
func doc(name string) string {
	return strings.TrimPrefix(Rule{Name: name}.Explain(), name+": ")
}
