#!/usr/bin/env node
// Writes src/geo/ground_table.h: which cells of a grid hold land of each country of ISO 3166-1, as a tree of quarters, from the
// countries of world-atlas (Natural Earth 1:10m, public domain; packed as TopoJSON).
// `node tools/ground.mjs ISO_3166-1.json countries-10m.json > src/geo/ground_table.h` (Debian: iso-codes; npm: world-atlas)
//
// Every cell that an outline touches is taken whole, so the cells hold all that is drawn, and somewhat more. Borders are Natural
// Earth's, not a statement of position; what it draws apart without a code is added to the country whose code address data give it.
import { readFileSync } from "node:fs";

const [codes, countries] = process.argv.slice(2, 4).map((path) => JSON.parse(readFileSync(path, "utf8")));
const ROOT_DEG = 45, LEVELS = Number(process.argv[4] ?? 8); // cells of 45 / 2^8 = 0.176 degrees, 19.5 km north to south
const { objects, arcs, transform } = countries;

// Drawn apart, and without a code of its own.
const without = new Map(Object.entries({
  "Akrotiri": "CY", "Dhekelia": "CY", "N. Cyprus": "CY", "Cyprus U.N. Buffer Zone": "CY", "Kosovo": "RS", "Somaliland": "SO", "Siachen Glacier": "IN",
  "Baikonur": "KZ", "USNB Guantanamo Bay": "CU", "Brazilian I.": "BR", "Southern Patagonian Ice Field": "CL", "Bir Tawil": "SD", "Spratly Is.": "VN",
  "Scarborough Reef": "PH", "Bajo Nuevo Bank": "CO", "Serranilla Bank": "CO", "Coral Sea Is.": "AU", "Clipperton I.": "FR", "Ashmore and Cartier Is.": "AU",
  "Indian Ocean Ter.": "CX", // Christmas Island and the Cocos
}));
// Claimed by more than one, or held by another than the one whose code is used: counted to each, so that none is excluded too early.
// South, west, north, east.
const claimed = {
  AQ: [[-90.0, -180.0, -77.0, 180.0]], // ice shelves, on which stations stand
  AR: [[-52.5, -61.4, -51.0, -57.6]], // Falkland Islands (Malvinas)
  CN: [[32.4, 77.8, 36.0, 80.4], [26.6, 91.5, 29.5, 97.4]], // Aksai Chin, Arunachal Pradesh
  EH: [[20.7, -17.2, 27.7, -8.6]],
  IN: [[32.2, 72.5, 37.1, 80.4], [26.6, 91.5, 29.5, 97.4]], // Kashmir, Aksai Chin, Arunachal Pradesh
  JP: [[43.3, 145.3, 45.6, 149.0]], // Northern Territories
  PK: [[32.2, 72.5, 37.1, 80.4]],
  PS: [[31.2, 34.8, 32.6, 35.6]], // West Bank with Jerusalem
  SY: [[32.6, 35.6, 33.4, 36.0]], // Golan
  UA: [[44.3, 32.4, 46.3, 36.7], [46.0, 32.4, 50.2, 40.3]], // Crimea, the east
};
// Atolls, most of which a map of the world leaves out: all the sea between them.
const atolls = {
  CK: [[-22.0, -166.0, -8.9, -157.3]], FM: [[0.9, 137.3, 10.2, 163.1]], IO: [[-7.5, 71.2, -5.2, 72.6]],
  KI: [[-3.0, 169.5, 4.0, 177.2], [-5.0, -175.0, -2.5, -170.5], [-11.5, -162.0, 5.0, -150.0]], MH: [[4.5, 160.8, 14.7, 172.2]], MV: [[-0.8, 72.5, 7.2, 73.8]],
  PF: [[-28.0, -154.8, -7.8, -134.4]], SC: [[-10.3, 46.1, -3.6, 56.4]], TK: [[-9.5, -172.6, -8.4, -171.1]], TV: [[-10.9, 176.0, -5.5, 180.0]],
};
// With a code of its own, and drawn as part of another: that one's land stands for theirs.
const within = { BQ: "NL", BV: "NO", CC: "CX", GF: "FR", GP: "FR", MQ: "FR", RE: "FR", SJ: "NO", YT: "FR" };

// An arc's positions are steps from the one before, in units of the transform; ~i is arc i backwards.
const decoded = arcs.map((steps) => {
  let x = 0, y = 0;
  return steps.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * transform.scale[0] + transform.translate[0], y * transform.scale[1] + transform.translate[1]];
  });
});
// Outlines go over the date line: such a segment is taken twice, so that either end of the map has its part.
function* segments(geometry) {
  if (!geometry.arcs) return; // no land is drawn
  for (const index of geometry.arcs.flat(geometry.type === "Polygon" ? 1 : 2)) {
    const points = decoded[index < 0 ? ~index : index];
    for (let i = 1; i < points.length; i++) {
      const [ax, ay] = points[i - 1], [bx, by] = points[i], turn = bx - ax > 180 ? -360 : ax - bx > 180 ? 360 : 0;
      yield [ax, ay, bx + turn, by];
      if (turn !== 0) yield [ax - turn, ay, bx, by];
    }
  }
}

// Does the segment meet the square? Clipped to each side in turn.
function meets([ax, ay, bx, by], west, south, size) {
  let from = 0, to = 1;
  for (const [at, step, low] of [[ax, bx - ax, west], [ay, by - ay, south]]) {
    if (step === 0) {
      if (at < low || at > low + size) return false;
      continue;
    }
    const [enter, leave] = [(low - at) / step, (low + size - at) / step].sort((a, b) => a - b);
    from = Math.max(from, enter);
    to = Math.min(to, leave);
    if (from > to) return false;
  }
  return true;
}
// Is the point on land: does a line to the north cross the outline an odd number of times?
const onLand = (x, y, outline) =>
  outline.reduce((is, [ax, ay, bx, by]) => (ax > x !== bx > x && y < ((by - ay) * (x - ax)) / (bx - ax) + ay ? !is : is), false);

// 0: none of it is land; 1: all of it, or it is not divided any more; else its quarters: SW, SE, NW, NE. `near` may touch
// the square, `above` are within its meridians.
function tree(west, south, size, level, near, above) {
  const touching = near.filter((segment) => meets(segment, west, south, size));
  if (touching.length === 0) return onLand(west + size / 2, south + size / 2, above) ? 1 : 0;
  if (level === LEVELS) return 1;
  const half = size / 2;
  const columns = [0, 1].map((q) => above.filter(([ax, , bx]) => Math.max(ax, bx) >= west + q * half && Math.min(ax, bx) <= west + (q + 1) * half));
  return gather([0, 1, 2, 3].map((q) => tree(west + (q % 2) * half, south + (q >> 1) * half, half, level + 1, touching, columns[q % 2])));
}
const gather = (quarters) => (quarters.every((q) => q === 1) ? 1 : quarters.every((q) => q === 0) ? 0 : quarters);
const either = (a, b) => (a === 1 || b === 1 ? 1 : a === 0 ? b : b === 0 ? a : gather(a.map((quarter, i) => either(quarter, b[i]))));
const box = ([south, west, north, east]) => [[west, south, east, south], [east, south, east, north], [east, north, west, north], [west, north, west, south]];

// A node is 0, 10 or 11 and its quarters; where nothing is divided any more, 0 or 1.
function write(node, level, bits) {
  if (node === 0) return bits.push(0);
  bits.push(1);
  if (level === LEVELS) return;
  bits.push(node === 1 ? 0 : 1);
  if (node !== 1) for (const quarter of node) write(quarter, level + 1, bits);
}

const alpha2 = new Map(codes["3166-1"].map((row) => [row.numeric, row.alpha_2]));
const outlines = new Map();
for (const geometry of objects.countries.geometries) {
  const name = geometry.properties.name, code = without.get(name) ?? alpha2.get(geometry.id);
  if (!code) throw new Error(`whose is ${name}?`);
  if (!outlines.has(code)) outlines.set(code, []);
  for (const segment of segments(geometry)) outlines.get(code).push(segment);
}
for (const code of Object.keys(atolls)) outlines.set(code, outlines.get(code) ?? []);
const bits = [], places = new Map();
for (const [code, outline] of [...outlines].sort()) {
  const boxes = [...(claimed[code] ?? []), ...(atolls[code] ?? [])].map(box);
  places.set(code, bits.length);
  for (let south = -90; south < 90; south += ROOT_DEG)
    for (let west = -180; west < 180; west += ROOT_DEG) {
      const trees = [outline, ...boxes].map((lines) => tree(west, south, ROOT_DEG, 0, lines, lines));
      write(trees.reduce(either), 0, bits);
    }
}
const rows = codes["3166-1"].map((row) => row.alpha_2).sort().flatMap((code) => {
  const at = places.get(code) ?? places.get(within[code]);
  if (at === undefined) console.error(`no land is drawn of ${code}`);
  return at === undefined ? [] : [`{"${code}", ${at}}`];
});
const bytes = [];
for (let i = 0; i < bits.length; i += 8) bytes.push(bits.slice(i, i + 8).reduce((byte, bit, n) => byte | (bit << n), 0));
const lines = (items, each) => items.reduce((out, item, i) => out + (i % each ? " " : i ? "\n    " : "    ") + item + ",", "");
console.error(`${bits.length} bits, ${bytes.length} bytes`);
console.log(`/* Made by tools/ground.mjs: where land of each country of ISO 3166-1 is (Natural Earth 1:10m, public domain). The world from
 * its south-western corner in squares of ${ROOT_DEG} degrees, row by row; a square is 0 (no land), 10 (taken whole) or 11 and its quarters: SW, SE,
 * NW, NE; where it is not divided any more, 0 or 1. The lowest bit of a byte is the first. */
enum { GROUND_ROOT_DEG = ${ROOT_DEG}, GROUND_LEVELS = ${LEVELS} };
/* By code; where its squares begin. */
static const struct ground {
    char code[3];
    uint32_t bit;
} grounds[] = {
${lines(rows, 6)}
};
static const unsigned char ground_bits[] = {
${lines(bytes, 30)}
};`);
