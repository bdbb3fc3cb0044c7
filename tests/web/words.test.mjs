// Both languages of the page say the same things: the same keys, of the same kinds, none empty.
import assert from "node:assert/strict";
import test from "node:test";
import { readFileSync } from "node:fs";
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
