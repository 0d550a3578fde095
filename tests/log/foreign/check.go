// Checks an unpacked export of a consent log with the code of Go's checksum database:
//
//	check FOLDER VKEY...
//
// Signatures are opened by x/mod/sumdb/note, the tree is rebuilt by x/mod/sumdb/tlog. What is
// ours here are the commitment of an event and the form of the files.
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// proofs is how many leaves of a log are proven to be in it, and how many of its older trees
// to be continued.
const proofs = 42

type manifest struct {
	Site string
	Logs []struct {
		Origin, Folder string
		Size           int64
	}
	Files map[string]struct {
		Bytes  int64
		Sha256 string
	}
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		out[i] = h[index]
	}
	return out, nil
}

func main() {
	log.SetFlags(0)
	folder := os.Args[1]
	var known []note.Verifier
	for _, vkey := range os.Args[2:] {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			log.Fatalf("%s: %v", vkey, err)
		}
		known = append(known, verifier)
	}
	verifiers := note.VerifierList(known...)
	list := readManifest(folder, verifiers)
	checkFiles(folder, list)
	for _, one := range list.Logs {
		checkLog(filepath.Join(folder, one.Folder), one.Origin, one.Size, verifiers)
	}
	fmt.Println("good")
}

func open(path string, verifiers note.Verifiers) string {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	opened, err := note.Open(text, verifiers)
	if err != nil {
		log.Fatalf("%s: %v", path, err)
	}
	return opened.Text
}

func readManifest(folder string, verifiers note.Verifiers) manifest {
	first, rest, _ := strings.Cut(open(filepath.Join(folder, "manifest.note"), verifiers), "\n")
	var list manifest
	if err := json.Unmarshal([]byte(rest), &list); err != nil || first != "consent-manifest/1" {
		log.Fatalf("manifest: %q, %v", first, err)
	}
	return list
}

func checkFiles(folder string, list manifest) {
	for name, file := range list.Files {
		body, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || int64(len(body)) != file.Bytes || fmt.Sprintf("%x", sha256.Sum256(body)) != file.Sha256 {
			log.Fatalf("%s: not the file of the manifest (%v)", name, err)
		}
	}
}

func lines(path string) *bufio.Scanner {
	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	return scanner
}

func decode(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		log.Fatalf("%q: %v", text, err)
	}
	return data
}

// checkLog rebuilds the tree of a log: from the events where they are given, from the hashes of
// their leaves where they are not.
func checkLog(folder, origin string, size int64, verifiers note.Verifiers) {
	var stored hashes
	events, leaves := lines(filepath.Join(folder, "events.jsonl")), lines(filepath.Join(folder, "leaves.txt"))
	records := map[int64]tlog.Hash{}
	n := int64(0)
	for ; leaves.Scan(); n++ {
		word, text, _ := strings.Cut(leaves.Text(), " ")
		var leaf tlog.Hash
		copy(leaf[:], decode(text))
		if word != "erased" && word != "outside" {
			if !events.Scan() {
				log.Fatalf("%s: no event for leaf %d", folder, n)
			}
			mac := hmac.New(sha256.New, decode(word))
			mac.Write(events.Bytes())
			data := "consent-leaf/1\n" + base64.StdEncoding.EncodeToString(mac.Sum(nil)) + "\n"
			if tlog.RecordHash([]byte(data)) != leaf {
				log.Fatalf("%s: leaf %d is not its event", folder, n)
			}
		}
		records[n] = leaf
		more, err := tlog.StoredHashesForRecordHash(n, leaf, stored)
		if err != nil {
			log.Fatal(err)
		}
		stored = append(stored, more...)
	}
	if events.Scan() {
		log.Fatalf("%s: more events than leaves", folder)
	}
	root, err := tlog.TreeHash(n, stored)
	if err != nil {
		log.Fatal(err)
	}
	want := fmt.Sprintf("%s\n%d\n%s\n", origin, n, root)
	if text := open(filepath.Join(folder, "checkpoint.txt"), verifiers); text != want || n != size {
		log.Fatalf("%s: signed %q, found %q", folder, text, want)
	}
	checkProofs(n, root, stored, records)
	checkPrevious(folder, n, root, stored, verifiers)
}

func checkProofs(size int64, root tlog.Hash, stored hashes, records map[int64]tlog.Hash) {
	for k := int64(0); k < proofs; k++ {
		at := size * k / proofs
		proof, err := tlog.ProveRecord(size, at, stored)
		if err != nil || tlog.CheckRecord(proof, size, root, at, records[at]) != nil {
			log.Fatalf("leaf %d is not proven: %v", at, err)
		}
		old, err := tlog.TreeHash(at+1, stored)
		if err != nil {
			log.Fatal(err)
		}
		path, err := tlog.ProveTree(size, at+1, stored)
		if err != nil || tlog.CheckTree(path, size, root, at+1, old) != nil {
			log.Fatalf("tree %d is not continued: %v", at+1, err)
		}
	}
}

// checkPrevious checks the proof that comes with an earlier checkpoint, as it is written.
func checkPrevious(folder string, size int64, root tlog.Hash, stored hashes, verifiers note.Verifiers) {
	path := filepath.Join(folder, "checkpoint.previous.txt")
	if _, err := os.Stat(path); err != nil {
		return
	}
	old := strings.Split(open(path, verifiers), "\n")
	body, err := os.ReadFile(filepath.Join(folder, "consistency.txt"))
	if err != nil {
		log.Fatal(err)
	}
	head, _, _ := strings.Cut(string(body), "\n\n")
	words := strings.Split(head, "\n")
	var proof tlog.TreeProof
	for _, word := range words[1:] {
		var hash tlog.Hash
		copy(hash[:], decode(word))
		proof = append(proof, hash)
	}
	var oldSize int64
	var oldRoot tlog.Hash
	fmt.Sscanf(words[0], "old %d", &oldSize)
	copy(oldRoot[:], decode(old[2]))
	if fmt.Sprint(oldSize) != old[1] || tlog.CheckTree(proof, size, root, oldSize, oldRoot) != nil {
		log.Fatalf("%s: the earlier checkpoint is not continued", folder)
	}
}
