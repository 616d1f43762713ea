package guide

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	inlineLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	htmlLink   = regexp.MustCompile(`(?:src|srcset|href)="([^"]+)"`)
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	notInLinks = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinksBetweenPages follows every relative link of every page in the repository: the
// file is there, and so is the heading.
func TestLinksBetweenPages(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		for _, link := range linksOf(readFile(t, page)) {
			links++
			if why := broken(t, page, link); why != "" {
				t.Errorf("%s: the link to %s: %s", page, link, why)
			}
		}
	}
	if links < 100 {
		t.Errorf("of all pages, only %d links were found", links)
	}
}

func TestBrokenLinksAreFound(t *testing.T) {
	page := filepath.Join(root, "README.md")
	for link, good := range map[string]bool{
		"docs/guide/http.md": true, "docs/guide/http.md#websockets": true, "#a-first-program": true, "docs": true,
		"docs/guide/none.md": false, "docs/guide/http.md#none": false, "#none": false,
	} {
		if why := broken(t, page, link); (why == "") != good {
			t.Errorf("of the link to %s it says %q", link, why)
		}
	}
	found := linksOf("see [a](b.md#c), [d](https://example.com) and `[no](link)`\n```\n[no](link)\n```\n<img src=\"e.svg\">\n")
	if want := []string{"b.md#c", "e.svg"}; !slices.Equal(found, want) {
		t.Errorf("the links are %q; want %q", found, want)
	}
}

// pages returns all pages of the repository.
func pages(t *testing.T) (all []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") && path != root:
			return filepath.SkipDir
		case filepath.Ext(path) == ".md":
			all = append(all, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// linksOf returns the relative links of a page, without those that are code.
func linksOf(page string) (links []string) {
	code := false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
			continue
		}
		if code {
			continue
		}
		line = inlineCode.ReplaceAllString(line, "")
		for _, m := range slices.Concat(inlineLink.FindAllStringSubmatch(line, -1), htmlLink.FindAllStringSubmatch(line, -1)) {
			if u, err := url.Parse(m[1]); err != nil || u.Scheme == "" {
				links = append(links, m[1])
			}
		}
	}
	return links
}

// broken says what is wrong with a link of a page; "": nothing.
func broken(t *testing.T, page, link string) string {
	t.Helper()
	name, heading, hasHeading := strings.Cut(link, "#")
	target := page
	if name != "" {
		target = filepath.Join(filepath.Dir(page), filepath.FromSlash(name))
	}
	if _, err := os.Stat(target); err != nil {
		return "there is no such file"
	}
	if hasHeading && !slices.Contains(headings(readFile(t, target)), heading) {
		return "there is no such heading"
	}
	return ""
}

// headings returns the headings of a page, as links name them.
func headings(page string) (all []string) {
	code := false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if text := strings.TrimLeft(line, "#"); !code && text != line && strings.HasPrefix(text, " ") {
			text = notInLinks.ReplaceAllString(strings.ToLower(strings.TrimSpace(text)), "")
			all = append(all, strings.ReplaceAll(text, " ", "-"))
		}
	}
	return all
}
