// The coast of Japan for maps: from the countries of world-atlas (Natural Earth 1:50m, public domain; packed as TopoJSON)
// to a header of rings in thousandths of a degree. `node coast.mjs COUNTRIES.json OUT.h`
import { readFileSync, writeFileSync } from "node:fs";

const [source, out] = process.argv.slice(2);
const { objects, arcs, transform } = JSON.parse(readFileSync(source, "utf8"));
const japan = objects.countries.geometries.find((country) => country.id === "392"); // ISO 3166-1 numeric
if (!japan) throw new Error(`${source} has no country 392`);

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
const polygons = japan.type === "Polygon" ? [japan.arcs] : japan.arcs;
const points = [], ends = [];
for (const ring of polygons.flat()) {
  for (const index of ring) points.push(...arc(index));
  ends.push(points.length);
}
const thousandths = (degrees) => Math.round(degrees * 1000);
writeFileSync(out, `/* Made by coast.mjs from Natural Earth: positions {longitude, latitude}, and where each ring ends. */
static const int coast_points[][2] = {${points.map(([lon, lat]) => `{${thousandths(lon)},${thousandths(lat)}}`).join(",")}};
static const unsigned coast_ring_ends[] = {${ends.join(",")}};
`);
