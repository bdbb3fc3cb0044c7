// Both languages of the page say the same things: the same keys, of the same kinds, none empty.
import assert from "node:assert/strict";
import test from "node:test";
import { readFileSync } from "node:fs";
import { KNOWN, inJapanese } from "../../web/verify/problems.js";
import { WORDS } from "../../web/verify/words.js";

function shape(value) {
  if (Array.isArray(value)) return value.map(shape);
  if (value && typeof value === "object") return Object.fromEntries(Object.keys(value).sort().map((key) => [key, shape(value[key])]));
  if (typeof value === "string") assert.ok(value.length > 0, "an empty text");
  return typeof value;
}

test("the same keys in both languages", () => assert.deepEqual(shape(WORDS.ja), shape(WORDS.en)));

test("every text the page asks for is there", () => {
  const page = readFileSync(new URL("../../web/verify/page.html", import.meta.url), "utf8");
  const asked = [...page.matchAll(/data-say="([a-zA-Z]+)"/g)].map((match) => match[1]);
  assert.ok(asked.length >= 4);
  for (const key of asked) assert.equal(typeof WORDS.en[key], "string", key);
});

// A page in Japanese told in English what was wrong.
test("each sentence that is told in Japanese is one the page says, with the same places", () => {
  const folder = new URL("../../web/verify/", import.meta.url);
  const texts = ["bundle.js", "line.js", "note.js", "tiles.js", "entry.js", "tree.js"].map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const sources = ["the checkpoint signs", "entry "].map((whose) => texts.replaceAll("${whose}", whose)).join("\n");
  for (const [en, ja] of KNOWN) {
    const pieces = en.replace(/^(key|\{\}): /, "").split("{}").filter((piece) => piece.length > 3);
    for (const piece of pieces) assert.ok(sources.includes(piece), `"${piece}" is said nowhere`);
    assert.equal(ja.split("{}").length, en.split("{}").length, en);
    const values = en.split("{}").slice(1).map((_, i) => `v${i}`);
    const said = inJapanese(en.replaceAll("{}", () => values.shift()));
    assert.match(said, /[\u3040-\u30ff]/, en);
    assert.equal(said.match(/v\d/g)?.length ?? 0, en.split("{}").length - 1, said);
  }
  assert.equal(inJapanese("something else"), undefined);
});
