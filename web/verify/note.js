// Signed notes and checkpoints: c2sp.org/signed-note, c2sp.org/tlog-checkpoint.
import * as ed25519 from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";
import { Bad, base64, bytesOf, concat, decimal, equal, hex, text, toBase64 } from "./bytes.js";
import { sha256 } from "./tree.js";

ed25519.etc.sha512Sync = (...messages) => sha512(concat(...messages));

const KEY_ED25519 = 1;

/** "name+keyid+base64(type || key)": {name, id, key}. */
export function readKey(vkey) {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey.trim());
  if (!match) throw new Bad(`"${vkey.trim()}" is no verifier key: NAME+KEYID+BASE64 was expected`);
  const [, name, id, encoded] = match;
  const key = base64(encoded);
  if (key.length !== 33 || key[0] !== KEY_ED25519) throw new Bad("a verifier key that is not of Ed25519");
  const expected = keyId(name, key);
  if (expected !== id) throw new Bad(`a verifier key with a slip: its key id is ${id}, its bytes say ${expected}`);
  return { name, id, key: key.subarray(1) };
}

const keyId = (name, typed) => hex(sha256(concat(bytesOf(name + "\n"), typed)).subarray(0, 4));

/** The same key under another name: one key signs a whole line of logs. */
export function keyNamed({ key }, name) {
  return { name, id: keyId(name, concat(new Uint8Array([KEY_ED25519]), key)), key };
}

/** The one spelling of a key. */
export function showKey({ name, id, key }) {
  return `${name}+${id}+${toBase64(concat(new Uint8Array([KEY_ED25519]), key))}`;
}

/** {body: Uint8Array with its last newline, lines: text lines, signatures: [{name, id, bytes}]}. */
export function readNote(bytes) {
  const all = text(bytes);
  const cut = all.lastIndexOf("\n\n");
  if (cut < 0 || !all.endsWith("\n")) throw new Bad("a signed note without its empty line");
  const body = all.slice(0, cut + 1);
  const signatures = all.slice(cut + 2).split("\n").slice(0, -1).map((line) => {
    const match = /^\u2014 (\S+) ([A-Za-z0-9+/=]+)$/.exec(line);
    if (!match) throw new Bad(`"${line}" is no signature line`);
    const value = base64(match[2]);
    if (value.length < 5) throw new Bad("a signature too short to name its key");
    return { name: match[1], id: hex(value.subarray(0, 4)), bytes: value.subarray(4) };
  });
  return { body: bytesOf(body), lines: body.split("\n").slice(0, -1), signatures };
}

/** Throws unless the key signed the note. */
export function checkSignature(note, key) {
  const mine = note.signatures.filter((s) => s.name === key.name && s.id === key.id);
  if (mine.length === 0) throw new Bad(`not signed by ${key.name} (key ${key.id})`);
  for (const signature of mine) {
    if (signature.bytes.length !== 64 || !ed25519.verify(signature.bytes, note.body, key.key, { zip215: false })) {
      throw new Bad(`the signature of ${key.name} does not belong to these bytes`);
    }
  }
}

/** {origin, size, root} of a note that is a checkpoint. */
export function readCheckpoint(note) {
  if (note.lines.length < 3) throw new Bad("a checkpoint of fewer than three lines");
  const root = base64(note.lines[2]);
  if (root.length !== 32) throw new Bad("a root that is not 32 bytes");
  return { origin: note.lines[0], size: decimal(note.lines[1], "the checkpoint's size"), root };
}

export { equal };
