// A bundle for an inspector, verified from its files alone: docs/formats/bundle.md.
import { Bad, base64, decimal, hex, text } from "./bytes.js";
import { compareCover } from "./cover.js";
import { Codes, readEntry, readOpened } from "./entry.js";
import { findLogs } from "./line.js";
import { checkSignature, readCheckpoint, readKey, readNote, showKey } from "./note.js";
import { SparseLog } from "./tiles.js";
import { sha256 } from "./tree.js";

const HEADS = ["azekura-bundle@v1", "azekura-bundle@v2"];

/** Lines "azekura-bundle@v2", "log ORIGIN", "key VKEY", "from MINUTE", "until MINUTE", "range FIRST END",
 *  "earlier NUMBER FIRST END" for each log before it by number (not in v1), "files HEX BYTES". */
export function readManifest(lines) {
  const version = HEADS.indexOf(lines[0]) + 1;
  if (version === 0) throw new Bad(`the manifest begins with "${lines[0]}", not with ${HEADS.join(" or ")}`);
  if (lines.length < 7 || (version === 1 && lines.length > 7)) throw new Bad(`the manifest has ${lines.length} lines, 7 expected`);
  const word = (line, name) => {
    if (!line.startsWith(name + " ")) throw new Bad(`the manifest has "${line}" where ${name} was expected`);
    return line.slice(name.length + 1);
  };
  const words = (line, name, count) => {
    const found = word(line, name).split(" ");
    if (found.length !== count) throw new Bad(`the manifest has "${line}" where ${count} words were expected after ${name}`);
    return found;
  };
  const [first, end] = words(lines[5], "range", 2);
  const [digest, bytes] = words(lines.at(-1), "files", 2);
  const manifest = {
    version,
    origin: word(lines[1], "log"),
    key: word(lines[2], "key"),
    from: decimal(word(lines[3], "from"), "from"),
    until: decimal(word(lines[4], "until"), "until"),
    first: decimal(first, "range"),
    end: decimal(end, "range"),
    earlier: lines.slice(6, -1).map((line) => {
      const [number, from, until] = words(line, "earlier", 3).map((text) => decimal(text, "earlier"));
      return { number, first: from, end: until };
    }),
    list: { digest, bytes: decimal(bytes, "files") },
    files: new Map(),
  };
  let before = 0;
  for (const { number } of manifest.earlier) {
    if (number <= before) throw new Bad(`the manifest has the earlier log ${number} out of order`);
    before = number;
  }
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new Bad(`the manifest has "${digest}" where a digest was expected`);
  return manifest;
}

/** Lines "HEX BYTES PATH", by path. */
export function readFiles(string) {
  const files = new Map();
  let before = "";
  if (!string.endsWith("\n")) throw new Bad("the list of files does not end with a newline");
  for (const line of string.split("\n").slice(0, -1)) {
    const match = /^([0-9a-f]{64}) (\d+) ([a-z0-9._/-]+)$/.exec(line);
    if (!match) throw new Bad(`the line "${line}" names no file`);
    if (match[3] <= before) throw new Bad(`${match[3]} out of order`);
    before = match[3];
    files.set(match[3], { digest: match[1], bytes: decimal(match[2], "bytes") });
  }
  return files;
}

function checkFile(files, path, { digest, bytes }) {
  const found = required(files, path);
  if (found.length !== bytes) throw new Bad(`${found.length} bytes, ${bytes} were signed`);
  if (hex(sha256(found)) !== digest) throw new Bad("other bytes than were signed");
}

/** files: Map path → Uint8Array, the manifest among them. vkey: the key the inspector was given; empty: the
 *  one the bundle names, which then only shows that its parts belong together. progress(done, all) is awaited.
 *  Never throws: what is wrong is in `problems`. */
export async function verifyBundle(files, vkey, progress = async () => {}) {
  const report = { problems: [], manifest: null, ownKey: !vkey, checkpoint: null, files: 0, entries: 0, opened: 0, counts: null, rows: [], logs: [], lost: [], isOpen: false, isRead: true };
  const attempt = (what, run) => {
    try {
      return run();
    } catch (e) {
      report.problems.push(`${what}: ${e.message}`);
      return undefined;
    }
  };
  const key = attempt("key", () => {
    const note = readNote(required(files, "manifest"));
    report.manifest = readManifest(note.lines);
    const chosen = readKey(vkey || report.manifest.key);
    checkSignature(note, chosen);
    if (chosen.name !== report.manifest.origin) throw new Bad(`the bundle is of the log ${report.manifest.origin}, the key of ${chosen.name}`);
    if (report.manifest.key !== showKey(chosen)) throw new Bad("the manifest names another key than the one that signed it");
    // What the log signs, and no more: a line of anybody else's is not the operator's word.
    if (note.signatures.length !== 1) throw new Bad("the manifest bears more than one signature");
    return chosen;
  });
  if (!key) return report;
  attempt("files", () => {
    checkFile(files, "files", report.manifest.list);
    report.manifest.files = readFiles(text(files.get("files")));
  });
  for (const [path, said] of report.manifest.files) {
    attempt(path, () => {
      checkFile(files, path, said);
      report.files++;
    });
    if (report.files % 64 === 0) await progress(report.files, report.manifest.files.size);
  }
  for (const path of files.keys()) {
    if (path !== "manifest" && path !== "files" && !report.manifest.files.has(path)) report.problems.push(`${path}: it is not among the files that were signed`);
  }
  const log = attempt("ledger/checkpoint", () => {
    const note = readNote(required(files, "ledger/checkpoint"));
    checkSignature(note, key);
    report.checkpoint = readCheckpoint(note);
    if (report.checkpoint.origin !== key.name) throw new Bad(`of the log ${report.checkpoint.origin}`);
    report.cosigned = note.signatures.filter((s) => s.name !== key.name).map((s) => s.name);
    return new SparseLog((path) => files.get(`ledger/${path}`), report.checkpoint);
  });
  if (!log) return report;
  const { first, end, origin } = report.manifest;
  if (end > log.size || first > end) {
    report.problems.push(`manifest: the range ${first} to ${end} is not within ${log.size} entries`);
    return report;
  }
  report.logs = [{ origin, log, first, end, prefix: "", opened: "opened" }];
  if (report.manifest.version >= 2) {
    const logs = attempt("ledger", () => findLogs(files, report, key));
    if (logs) report.logs = logs;
    else report.isRead = false;
  }
  await readLogs(files, report, attempt, progress);
  return report;
}

function required(files, path) {
  const bytes = files.get(path);
  if (!bytes) throw new Bad("it is missing");
  return bytes;
}

/** All logs, the oldest first: what a code means is for its own log to say, so each is counted by itself. */
async function readLogs(files, report, attempt, progress) {
  const time = { minute: 0 };
  report.counts = new Counter().named(new Codes());
  for (const part of report.logs) {
    const counter = new Counter();
    const codes = new Codes();
    await readLog(part, files, { report, attempt, progress, time, counter, codes });
    for (const [table, counts] of Object.entries(counter.named(codes))) {
      const all = report.counts[table];
      for (const [name, count] of Object.entries(counts)) all[name] = (all[name] ?? 0) + count;
    }
  }
  // What could not be read was not counted: that is no word against the cover sheet.
  if (!report.isRead) return;
  attempt("cover.json", () => {
    for (const { what, said, found } of compareCover(files, report.counts)) {
      report.problems.push(`cover.json: ${what}: it says ${said}, the entries say ${found}`);
    }
  });
}

async function readLog(part, files, { report, attempt, progress, time, counter, codes }) {
  const { log, first, end } = part;
  const { from, until, version } = report.manifest;
  const opened = attempt(part.opened, () => readOpenedFile(text(required(files, part.opened)))) ?? new Map();
  const unread = new Set(); // bundles of the period that are missing or damaged
  const entryName = (index) => (part.prefix ? `entry ${index} of ${part.origin}` : `entry ${index}`);
  for (let at = 0; at < log.bundleCount(); at++) {
    const inPeriod = at * 256 < end && (at + 1) * 256 > first;
    // One entry on each side, or one of the period could have been left out where a bundle ends.
    const beside = at * 256 <= end && (at + 1) * 256 > Math.max(first - 1, 0);
    unread.add(at);
    const entries = attempt(`ledger/${part.prefix}`, () => {
      const found = log.bundle(at);
      if (!found && (inPeriod || (beside && version >= 2))) throw new Bad(`the entries ${at * 256} to ${Math.min(at * 256 + 255, log.size - 1)} are missing`);
      if (!found && beside) report.isOpen = true;
      unread.delete(at);
      return found;
    });
    for (let i = 0; entries && i < entries.length; i++) {
      const index = at * 256 + i;
      attempt(entryName(index), () => {
        const entry = readEntry(entries[i]);
        if (entry.code) codes.learn(entry.code);
        if (entry.minute < time.minute) throw new Bad("its time is before that of the entry before it");
        time.minute = entry.minute;
        const inside = entry.minute >= from && entry.minute < until;
        if (inside !== (index >= first && index < end)) throw new Bad("by its time it is on the other side of the period's edge");
        if (!inside) return;
        report.entries++;
        counter.add(entry); // whatever is wrong with what is opened of it
        const extra = opened.get(index);
        opened.delete(index);
        const fields = extra ? readOpened(extra, entries[i]) : [];
        report.opened += fields.length;
        report.rows.push({ name: report.logs.length > 1 ? `${part.origin}#${index}` : index, entry, fields, codes });
      });
    }
    if (at % 16 === 0) await progress(at, log.bundleCount());
  }
  if (unread.size > 0) report.isRead = false;
  for (const index of opened.keys()) {
    if (!unread.has(Math.floor(index / 256))) report.problems.push(`${part.opened}: ${entryName(index)} is not in the period`);
  }
}

/** Lines "INDEX BASE64". */
function readOpenedFile(string) {
  const opened = new Map();
  let before = -1;
  for (const line of string.split("\n").slice(0, -1)) {
    const [index, extra] = line.split(" ");
    const at = decimal(index, "entry");
    if (at <= before) throw new Bad(`entry ${at} out of order`);
    before = at;
    opened.set(at, base64(extra ?? ""));
  }
  return opened;
}

/** What the entries say, counted by what a ministry may count. */
class Counter {
  constructor() {
    this.of = { type: new Map(), decision: new Map(), act: new Map(), sector: new Map(), class: new Map(), clause: new Map(), unknown: new Map(), site: new Map(), rules: new Map() };
  }
  one(table, key, by = 1) {
    this.of[table].set(key, (this.of[table].get(key) ?? 0) + by);
  }
  add(entry) {
    this.one("type", entry.type);
    if (entry.rules) this.one("rules", hex(entry.rules));
    if (entry.decision === undefined) return;
    // A fold stands for acts that had no entry of their own: each counts as one.
    const times = entry.type === "fold" ? entry.span.count : 1;
    this.one("decision", entry.decision, times);
    for (const kind of ["act", "sector", "class"]) if (entry[kind] !== 0) this.one(kind, entry[kind], times);
    for (const { code, effect, unknown } of entry.clauses) {
      this.one("clause", `${code} ${effect}`, times);
      if (unknown) this.one("unknown", code, times);
    }
    for (const code of entry.sites) this.one("site", code, times);
  }
  named(codes) {
    const name = {
      type: (key) => key,
      decision: (key) => key,
      rules: (key) => key,
      unknown: (key) => codes.name("clause", key),
      clause: (key) => {
        const [code, effect] = key.split(" ");
        return `${codes.name("clause", Number(code))} ${effect}`;
      },
    };
    const out = {};
    for (const [table, map] of Object.entries(this.of)) {
      const say = name[table] ?? ((key) => codes.name(table, key));
      out[table] = Object.fromEntries([...map].map(([key, count]) => [say(key), count]).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return out;
  }
}
