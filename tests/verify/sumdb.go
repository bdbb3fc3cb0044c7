// Other people's code over our logs: golang.org/x/mod/sumdb/note opens the checkpoint, sumdb/tlog reads
// our tiles, makes and checks proofs for entries and between sizes. A log that was succeeded is checked
// against the root that the first entry of the next one names.
//
// usage: sumdb VKEY LEDGER-DIR
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println("not verified:", err)
		os.Exit(1)
	}
}

type folder struct{ path string }

func (f folder) Height() int                      { return 8 }
func (f folder) SaveTiles([]tlog.Tile, [][]byte)  {}
func (f folder) read(name string) ([]byte, error) { return os.ReadFile(filepath.Join(f.path, name)) }
func (f folder) name(t tlog.Tile, kind string) string {
	// sumdb names carry the height and level 0 of entries, those of tlog-tiles do not
	return strings.Replace(t.Path(), "tile/8/"+kind, "tile/"+map[string]string{"": "", "0/": "entries/"}[kind], 1)
}

func (f folder) ReadTiles(tiles []tlog.Tile) (all [][]byte, err error) {
	for _, t := range tiles {
		bytes, err := f.read(f.name(t, ""))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

func (f folder) entries(size int64) (all [][]byte) {
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		if width > 256 {
			width = 256
		}
		bytes, err := f.read(f.name(tlog.Tile{H: 8, N: n, W: int(width)}, "0/"))
		must(err)
		for len(bytes) > 0 {
			length := 2 + int(binary.BigEndian.Uint16(bytes))
			all = append(all, bytes[2:length])
			bytes = bytes[length:]
		}
	}
	if int64(len(all)) != size {
		must(fmt.Errorf("%d entries where there should be %d", len(all), size))
	}
	return all
}

// The reader checks every tile it reads against the tree's hash.
func check(f folder, tree tlog.Tree) {
	reader := tlog.TileHashReader(tree, f)
	all := f.entries(tree.N)
	for i := int64(0); i < tree.N; i++ {
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		must(err)
		if leaf[0] != tlog.RecordHash(all[i]) {
			must(fmt.Errorf("entry %d is not its leaf", i))
		}
		proof, err := tlog.ProveRecord(tree.N, i, reader)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, i, leaf[0]))
		earlier, err := tlog.TreeHash(i+1, reader)
		must(err)
		between, err := tlog.ProveTree(tree.N, i+1, reader)
		must(err)
		must(tlog.CheckTree(between, tree.N, tree.Hash, i+1, earlier))
	}
	fmt.Printf("%d entries of %s hold\n", tree.N, f.path)
}

func head(vkey string, message []byte) (tree tlog.Tree) {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(message, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	copy(tree.Hash[:], root)
	if lines[0] != verifier.Name() {
		must(fmt.Errorf("the checkpoint is of %s", lines[0]))
	}
	return tree
}

// What an entry of type succession (2) says is left of the log before; docs/formats/entry.md.
func left(entry []byte) (tree tlog.Tree, names bool) {
	if string(entry[:4]) != "AZKE" || entry[5] != 2 {
		return tree, false
	}
	prior := entry[10+32:]
	prior = prior[1+int(prior[0])+8+32:]
	tree.N = int64(binary.BigEndian.Uint64(prior))
	copy(tree.Hash[:], prior[8:])
	return tree, true
}

func main() {
	ledger := folder{os.Args[2]}
	message, err := ledger.read("checkpoint")
	must(err)
	tree := head(os.Args[1], message)
	check(ledger, tree)
	if old, names := left(ledger.entries(tree.N)[0]); names {
		check(folder{filepath.Join(ledger.path, "old/1")}, old)
	}
}
