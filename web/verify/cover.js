// The cover sheet is the operator's own summary; its counts are held against the entries.
import { text } from "./bytes.js";

/** [{what, said, found}] where cover.json and the entries differ. */
export function compareCover(files, counts) {
  const bytes = files.get("cover.json");
  if (!bytes) return [{ what: "cover.json", said: "–", found: "–" }];
  const cover = JSON.parse(text(bytes));
  const differences = [];
  for (const table of Object.keys(cover.counts ?? {})) {
    if (!(table in counts)) differences.push({ what: table, said: "a count", found: "no such count" });
  }
  for (const [table, found] of Object.entries(counts)) {
    const said = cover.counts?.[table] ?? {};
    for (const name of new Set([...Object.keys(said), ...Object.keys(found)])) {
      if ((said[name] ?? 0) !== (found[name] ?? 0)) differences.push({ what: `${table} ${name}`, said: said[name] ?? 0, found: found[name] ?? 0 });
    }
  }
  return differences;
}
