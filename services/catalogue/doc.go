// Package catalogue knows what can be done: items (事项), their regional
// variants, guides (办事指南), bundles (一件事), licence kinds and regions.
//
// It owns the data files under data/: read once, checked whole at load, never
// changed while the process runs. Its words: an item is the matter as the
// lists name it; a guide is how it is done; a variant is a region's own list
// of materials for the same item.
//
// Invariants: a value that no source states stays unknown (a nil pointer, an
// UNKNOWN list) and is never invented; a value that is ours and not a
// source's carries the basis DEMONSTRATION, so that clients show 示例 beside
// it; the same item has the same id in every region.
//
// It refuses to know persons, apps and cases: who offers an item is told by
// the manifests, what a person already has by the licence library.
package catalogue
