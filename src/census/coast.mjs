// The land of the world for a map 960 points wide, from the countries of world-atlas (Natural Earth 1:50m, public domain; packed
// as TopoJSON), to a header with one SVG path. `node coast.mjs COUNTRIES.json OUT.h`
//
// Borders are Natural Earth's, not a statement of position: what it draws apart is drawn apart here.
import { readFileSync, writeFileSync } from "node:fs";

const [source, out] = process.argv.slice(2);
const { objects, arcs, transform } = JSON.parse(readFileSync(source, "utf8"));
const PER_DEGREE = 960 / 360, NORTH = 84, SOUTH = -58, STEP = 2; // half points: finer than the eye, coarse enough to send
const AROUND = 960 * STEP;
const x = (lon) => Math.round((lon + 180) * PER_DEGREE * STEP), y = (lat) => Math.round((NORTH - lat) * PER_DEGREE * STEP);

// An arc's positions are steps from the one before, in units of the transform; ~i is arc i backwards. Rounded before it is
// turned, so that neighbours share every point of their border.
const rounded = arcs.map((steps) => {
  let a = 0, b = 0;
  return steps.map(([dx, dy]) => {
    a += dx;
    b += dy;
    const lat = Math.max(SOUTH, Math.min(NORTH, b * transform.scale[1] + transform.translate[1]));
    return [x(a * transform.scale[0] + transform.translate[0]), y(lat)];
  });
});
const arc = (index) => (index < 0 ? rounded[~index].slice().reverse() : rounded[index]);

// Points of a ring, each once. One that crosses the date line goes on beyond the map's edge.
function pointsOf(ring) {
  const points = [];
  let turns = 0, before;
  for (const [a, b] of ring.flatMap(arc)) {
    if (before !== undefined && Math.abs(a - before) > AROUND / 2) turns += a < before ? 1 : -1;
    before = a;
    const point = [a + turns * AROUND, b], last = points.at(-1);
    if (!last || last[0] !== point[0] || last[1] !== point[1]) points.push(point);
  }
  if (points.length > 1 && points[0].join() === points.at(-1).join()) points.pop();
  return points.length < 3 ? [] : points; // smaller than a point of the map
}
function path(points, shift) {
  let [u, v] = points[0], text = `M${u + shift} ${v}l`;
  points.slice(1).forEach(([a, b], i) => {
    text += `${i > 0 && a - u >= 0 ? " " : ""}${a - u}${b - v >= 0 ? " " : ""}${b - v}`;
    [u, v] = [a, b];
  });
  return `${text}z`;
}
// What goes beyond one edge comes in again at the other.
function paths(ring) {
  const points = pointsOf(ring);
  if (points.length === 0) return "";
  const xs = points.map(([a]) => a), shifts = [0];
  if (Math.min(...xs) < 0) shifts.push(AROUND);
  if (Math.max(...xs) > AROUND) shifts.push(-AROUND);
  return shifts.map((shift) => path(points, shift)).join("");
}
const shown = objects.countries.geometries.filter((g) => g.id !== "010"); // Antarctica is south of the map
const polygons = shown.flatMap((g) => (g.type === "Polygon" ? [g.arcs] : g.arcs));
const text = polygons.flat().map(paths).join("");
const lines = text.match(/.{1,4000}/g).map((line) => JSON.stringify(line));
writeFileSync(out, `/* Made by coast.mjs from Natural Earth: the land in half points of a map 960 wide, 84 degrees north at its top. */
static const char *const coast_path[] = {${lines.join(",\n")}};
`);
