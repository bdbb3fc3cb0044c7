// The page's core over a bundle that the program made: BUNDLE=DIR VKEY=KEY node --test. It takes it as it
// is and reports whatever is changed in it, also where somebody with a key has signed the change.
import assert from "node:assert/strict";
import test from "node:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as ed25519 from "../../web/node_modules/@noble/ed25519/index.js";
import { verifyBundle } from "../../web/verify/bundle.js";
import { base64, bytesOf, concat, hex, toBase64 } from "../../web/verify/bytes.js";
import { readKey, showKey } from "../../web/verify/note.js"; // gives noble its SHA-512
import { sha256 } from "../../web/verify/tree.js";

const dir = process.env.BUNDLE;
const vkey = process.env.VKEY;
assert.ok(dir && vkey, "BUNDLE and VKEY say what to verify");
let seed = Number(process.env.AZEKURA_TEST_SEED ?? 20261121);
const dice = (count) => (seed = (seed * 48271) % 2147483647) % count; // Lehmer

function load(folder, files = new Map()) {
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.isDirectory()) load(path, files);
    else files.set(relative(dir, path), new Uint8Array(readFileSync(path)));
  }
  return files;
}
const whole = load(dir);

async function problems(files, key = vkey) {
  return (await verifyBundle(files, key)).problems;
}
async function found(files, pattern, key = vkey) {
  const said = await problems(files, key);
  assert.ok(said.some((problem) => pattern.test(problem)), `${pattern} is not in: ${said.slice(0, 5).join("; ")}`);
}
const changed = (path, bytes) => new Map(whole).set(path, bytes);
const textOf = (path) => new TextDecoder().decode(whole.get(path));

test("as it was made", async () => {
  const report = await verifyBundle(whole, vkey);
  assert.deepEqual(report.problems, []);
  assert.equal(report.files, whole.size - 2);
  assert.equal(report.entries, report.manifest.end - report.manifest.first);
  assert.ok(report.entries > 256 && report.opened > report.entries);
  assert.equal(report.counts.decision.refuse, 1);
  assert.equal(report.ownKey, false);
});

test("without a key it says so", async () => {
  const report = await verifyBundle(whole, "");
  assert.deepEqual([report.problems, report.ownKey], [[], true]);
});

// Of the rulebooks one stands for all: each look at the bundle hashes a megabyte of them.
const rulebooks = [...whole.keys()].filter((path) => path.startsWith("rulebooks/")).sort();
for (const [path, bytes] of whole) {
  if (rulebooks.includes(path) && path !== rulebooks[0]) continue;
  test(`a byte flipped in ${path}`, async () => {
    const places = new Set([0, 1, bytes.length >> 1, bytes.length - 2, bytes.length - 1]);
    while (places.size < Math.min(bytes.length, 16)) places.add(dice(bytes.length));
    for (const at of places) {
      const other = bytes.slice();
      other[at] ^= 1 << dice(8);
      assert.notDeepEqual(await problems(changed(path, other)), [], `byte ${at}`);
    }
  });
  test(`${path} missing, cut, longer`, async () => {
    const files = new Map(whole);
    files.delete(path);
    await found(files, /missing/);
    assert.notDeepEqual(await problems(changed(path, bytes.slice(0, -1))), []);
    assert.notDeepEqual(await problems(changed(path, concat(bytes, new Uint8Array([10])))), []);
  });
}

test("a file too many", async () => found(changed("note.txt", bytesOf("hello")), /note\.txt: it is not among/));

test("the key of somebody else", async () => {
  const key = readKey(vkey);
  const other = named(key.name, ed25519.getPublicKey(new Uint8Array(32).fill(7)));
  await found(whole, /not signed by/, other);
  await found(whole, /not signed by elsewhere\.example/, named("elsewhere.example", key.key));
});

// ---- signed changes: what the signature does not stop, the entries do ----

const secret = new Uint8Array(32).fill(9);
function named(name, key) {
  const id = hex(sha256(concat(bytesOf(`${name}\n`), new Uint8Array([1]), key)).subarray(0, 4));
  return showKey({ name, id, key });
}
const thief = named(readKey(vkey).name, ed25519.getPublicKey(secret));
function signed(text) {
  const { name, id } = readKey(thief);
  const idBytes = Uint8Array.from(id.match(/../g), (pair) => parseInt(pair, 16));
  return bytesOf(`${text}\n\u2014 ${name} ${toBase64(concat(idBytes, ed25519.sign(bytesOf(text), secret)))}\n`);
}
/** All of it signed with a key of our own, after `change(files, lines of the manifest)`. */
function forged(change) {
  const files = new Map(whole);
  const lines = textOf("manifest").split("\n\n")[0].split("\n").slice(0, 6);
  lines[2] = `key ${thief}`;
  files.set("ledger/checkpoint", signed(textOf("ledger/checkpoint").split("\n\n")[0] + "\n"));
  change(files, lines);
  const paths = [...files.keys()].filter((path) => path !== "files" && path !== "manifest").sort();
  const list = bytesOf(paths.map((path) => `${hex(sha256(files.get(path)))} ${files.get(path).length} ${path}\n`).join(""));
  files.set("files", list);
  files.set("manifest", signed([...lines, `files ${hex(sha256(list))} ${list.length}`].join("\n") + "\n"));
  return files;
}
const range = () => textOf("manifest").match(/range (\d+) (\d+)/).slice(1).map(Number);

test("forged without a change it holds under the forger's key alone", async () => {
  const files = forged(() => {});
  assert.deepEqual(await problems(files, thief), []);
  await found(files, /not signed by/);
});
test("a shorter range", async () => {
  const [first, end] = range();
  await found(forged((_, lines) => (lines[5] = `range ${first} ${end - 1}`)), /other side of the period's edge/, thief);
});
test("another period", async () => {
  await found(forged((_, lines) => (lines[4] = lines[3].replace("from", "until"))), /other side of the period's edge/, thief);
});
test("entries of the period left out", async () => {
  await found(forged((files) => files.delete("ledger/tile/entries/000")), /entries 0 to 255 are missing/, thief);
});
test("an entry changed", async () => {
  const other = forged((files) => {
    const bytes = files.get("ledger/tile/entries/000").slice();
    bytes[40] ^= 1;
    files.set("ledger/tile/entries/000", bytes);
  });
  await found(other, /its entries are not those of the tree/, thief);
});
test("a tile changed", async () => {
  await found(forged((files) => files.set("ledger/tile/1/000.p/1", new Uint8Array(32))), /do not make the root/, thief);
});
test("a count of the cover sheet changed", async () => {
  const cover = JSON.parse(textOf("cover.json"));
  cover.counts.decision.refuse = 0;
  const other = forged((files) => files.set("cover.json", bytesOf(JSON.stringify(cover))));
  await found(other, /cover\.json: decision refuse: it says 0, the entries say 1/, thief);
});
test("a count of the cover sheet left out", async () => {
  const cover = JSON.parse(textOf("cover.json"));
  delete cover.counts.clause;
  await found(forged((files) => files.set("cover.json", bytesOf(JSON.stringify(cover)))), /cover\.json: clause/, thief);
});
test("an opened field changed", async () => {
  const other = forged((files) => {
    const lines = textOf("opened").split("\n");
    const [index, extra] = lines[40].split(" ");
    const bytes = base64(extra);
    bytes[bytes.length - 140] ^= 1; // in the last field's value or path
    lines[40] = `${index} ${toBase64(bytes)}`;
    files.set("opened", bytesOf(lines.join("\n")));
  });
  await found(other, /^entry \d+: /, thief);
});
test("opened fields of another entry", async () => {
  const other = forged((files) => {
    const lines = textOf("opened").split("\n");
    lines[41] = `${lines[41].split(" ")[0]} ${lines[40].split(" ")[1]}`;
    files.set("opened", bytesOf(lines.join("\n")));
  });
  await found(other, /opened fields of another entry/, thief);
});
