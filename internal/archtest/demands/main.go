// Command demands lists the demands of docs/demands.md and which tests show
// them; it reads `// demand: D07` in test files.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	row   = regexp.MustCompile(`(?m)^\| (D\d\d) \| (.*?) \| (.*?) \|$`)
	shown = regexp.MustCompile(`// demand: ((?:D\d\d[, ]*)+)`)
	one   = regexp.MustCompile(`D\d\d`)
)

func main() {
	if err := list(); err != nil {
		fmt.Fprintln(os.Stderr, "demands:", err)
		os.Exit(1)
	}
}

func list() error {
	text, err := os.ReadFile(filepath.Join("docs", "demands.md"))
	if err != nil {
		return err
	}
	tests, err := shownBy(".")
	if err != nil {
		return err
	}
	left := 0
	demands := row.FindAllStringSubmatch(string(text), -1)
	for _, d := range demands {
		if by := tests[d[1]]; len(by) > 0 {
			fmt.Printf("%s shown by %s\n", d[1], strings.Join(by, ", "))
		}
	}
	fmt.Println()
	for _, d := range demands {
		if len(tests[d[1]]) == 0 {
			left++
			fmt.Printf("%s left (%s): %s\n", d[1], d[3], d[2])
		}
	}
	fmt.Printf("\n%d demands: %d shown by a test, %d left\n", len(demands), len(demands)-left, left)
	if len(demands) == 0 {
		return fmt.Errorf("docs/demands.md holds no rows")
	}
	return nil
}

func shownBy(root string) (map[string][]string, error) {
	tests := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range shown.FindAllStringSubmatch(string(b), -1) {
			for _, id := range one.FindAllString(m[1], -1) {
				if !slices.Contains(tests[id], path) {
					tests[id] = append(tests[id], path)
				}
			}
		}
		return nil
	})
	return tests, err
}
