#!/usr/bin/env node
// Writes src/census/lands_table.h: for each country of ISO 3166-1 its names in English and Japanese (Unicode
// CLDR, as node carries it) and a point within its largest part (Natural Earth 1:50m, public domain, of world-atlas), for marks on
// a map. `node tools/lands.mjs ISO_3166-1.json COUNTRIES.json > src/census/lands_table.h` (Debian: iso-codes; npm: world-atlas)
import { readFileSync } from "node:fs";

const [codes, countries] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
const { objects, arcs, transform } = countries;
// The long names, but for those that a mark on a map has no room for.
const short = new Set(["HK", "MO"]);
const name = (language, code) => new Intl.DisplayNames(language, { type: "region", style: short.has(code) ? "short" : "long" }).of(code);

// An arc's positions are steps from the one before, in units of the transform; ~i is arc i backwards.
function arc(index) {
  let x = 0, y = 0;
  const points = arcs[index < 0 ? ~index : index].map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * transform.scale[0] + transform.translate[0], y * transform.scale[1] + transform.translate[1]];
  });
  return index < 0 ? points.reverse() : points;
}
const ring = (indices) => indices.flatMap((index, i) => (i === 0 ? arc(index) : arc(index).slice(1)));
const area = (points) =>
  Math.abs(points.reduce((sum, [x, y], i) => { const [u, v] = points[(i + 1) % points.length]; return sum + x * v - u * y; }, 0)) / 2;

function inside([x, y], points) {
  let is = false;
  for (let i = 0, k = points.length - 1; i < points.length; k = i++) {
    const [xi, yi] = points[i], [xk, yk] = points[k];
    if (yi > y !== yk > y && x < ((xk - xi) * (y - yi)) / (yk - yi) + xi) is = !is;
  }
  return is;
}
function distance([x, y], points) {
  let least = Infinity;
  for (let i = 0, k = points.length - 1; i < points.length; k = i++) {
    const [ax, ay] = points[k], [bx, by] = points[i], dx = bx - ax, dy = by - ay;
    const t = dx || dy ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))) : 0;
    least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy));
  }
  return least;
}
// Of a grid over the largest part, the point farthest from its edge.
function point(geometry) {
  const polygons = geometry.type === "Polygon" ? [geometry.arcs] : geometry.arcs;
  const largest = polygons.map((polygon) => ring(polygon[0])).sort((a, b) => area(b) - area(a))[0];
  const [xs, ys] = [0, 1].map((i) => largest.map((p) => p[i]));
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  let best = [(west + east) / 2, (south + north) / 2], farthest = -1;
  for (let i = 1; i < 48; i++)
    for (let k = 1; k < 48; k++) {
      const at = [west + ((east - west) * i) / 48, south + ((north - south) * k) / 48];
      if (!inside(at, largest)) continue;
      const far = distance(at, largest);
      if (far > farthest) [best, farthest] = [at, far];
    }
  return best;
}
const shapes = new Map(objects.countries.geometries.filter((g) => g.id).map((g) => [g.id, g]));
// Parts of countries that the shapes hold within another country's, and islands too small for them: where they are.
const small = {
  BQ: [12.2, -68.3], BV: [-54.4, 3.4], CC: [-12.2, 96.8], CX: [-10.5, 105.6], GF: [4.0, -53.0], GI: [36.1, -5.3], GP: [16.2, -61.5],
  MQ: [14.6, -61.0], RE: [-21.1, 55.5], SJ: [78.5, 16.0], TK: [-9.2, -171.8], TV: [-8.5, 179.2], UM: [19.3, 166.6], YT: [-12.8, 45.2],
};
const rows = codes["3166-1"]
  .map(({ alpha_2, numeric }) => {
    const shape = shapes.get(numeric), [lat, lon] = shape ? point(shape).reverse() : (small[alpha_2] ?? []);
    if (lat === undefined) throw new Error(`no point for ${alpha_2}`);
    return `    {"${alpha_2}", ${lat.toFixed(1)}, ${lon.toFixed(1)}, "${name("en", alpha_2)}", "${name("ja", alpha_2)}"},`;
  })
  .sort();
console.log(`/* Made by tools/lands.mjs: code (ISO 3166-1), a point within the country's largest part in degrees
 * north and east (Natural Earth 1:50m, public domain), names (Unicode CLDR ${process.versions.cldr}). By code. */
static const struct land lands[] = {
${rows.join("\n")}
};`);
