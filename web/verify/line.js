// The logs before the newest in a bundle: docs/formats/ledger.md, Succession. A log that follows others
// begins with an entry for each of them, which names size and root of what is left: so the signature under
// the newest log's checkpoint speaks for all of them.
import { Bad, equal } from "./bytes.js";
import { readEntry } from "./entry.js";
import { checkSignature, keyNamed, readCheckpoint, readNote } from "./note.js";
import { SparseLog } from "./tiles.js";

/** "NAME/3": ["NAME", 3] */
function cutName(origin) {
  const match = /^(.+)\/([1-9]\d*)$/.exec(origin);
  if (!match || Number(match[2]) < 2) throw new Bad(`${origin} begins with a succession, and is not called NAME/N`);
  return [match[1], Number(match[2])];
}

/** report.logs has the newest. All of them, oldest first. What the first entries of one name is looked for only
 *  where its first entry is of the period or after it: what came before can be of the period only then. */
export function findLogs(files, report, key) {
  const logs = [...report.logs];
  const problem = (text) => report.problems.push(text);
  let base;
  for (let at = 0; at < logs.length; at++) {
    const by = logs[at];
    const named = by.first === 0 && by.log.size > 0 ? successions(by) : [];
    if (named.length > 0 && at === 0) [base, by.number] = cutName(by.origin);
    let next;
    named.forEach((prior, i) => {
      const number = by.number - 1 - i;
      if (number < 1) throw new Bad(`${by.origin} names more logs than can have been before it`);
      if (prior.origin !== (number > 1 ? `${base}/${number}` : base)) problem(`entry ${i} of ${by.origin} names the log ${prior.origin}, which is not the one before`);
      if (next) problem(`of the log ${next.origin} something is left, and a log before it is the one that went on`);
      else if (prior.left > 0) next = readOld(files, report, number, prior, { by, at: i }, key);
      else report.lost.push({ origin: prior.origin, known: prior.known });
    });
    if (next) logs.push(next);
  }
  for (const { number } of report.manifest.earlier) {
    if (!logs.slice(1).some((log) => log.number === number)) problem(`manifest: no log of the period leads to log ${number}, of which it speaks`);
  }
  return logs.reverse();
}

/** Which log's files a message is about. */
function below(prefix, run) {
  try {
    return run();
  } catch (e) {
    throw e instanceof Bad ? new Bad(prefix + e.message) : e;
  }
}

/** What the first entries of a log say of the logs before it. */
function successions({ log, prefix }) {
  const entries = below(prefix, () => log.bundle(0));
  if (!entries) throw new Bad(`${prefix}: its first entries are missing`);
  const priors = [];
  for (const bytes of entries) {
    const { prior } = readEntry(bytes);
    if (!prior) break;
    priors.push(prior);
  }
  return priors;
}

/** undefined, and a problem: it is not in the bundle. */
function readOld(files, report, number, prior, namedBy, key) {
  const there = report.manifest.earlier.find((log) => log.number === number);
  if (!there) {
    report.problems.push(`of the log ${prior.origin} ${prior.left} entries are left, some perhaps of the period, and it is not in the bundle`);
    report.isRead = false;
    return undefined;
  }
  const prefix = `old/${number}/`;
  const { first, end } = there;
  if (end > prior.left || first > end) throw new Bad(`the manifest's range ${first} to ${end} is not within the ${prior.left} entries of ${prior.origin}`);
  let log;
  const whose = `entry ${namedBy.at} of ${namedBy.by.origin} names`;
  below(prefix + ": ", () => (log = new SparseLog((path) => files.get(`ledger/${prefix}${path}`), { size: prior.left, root: prior.leftRoot }, whose)));
  const part = { origin: prior.origin, number, log, first, end, prefix, opened: `opened-${number}`, known: prior.known };
  try {
    part.checkpoint = checkOld(files.get(`ledger/${prefix}checkpoint`), part, prior, keyNamed(key, prior.origin));
  } catch (e) {
    report.problems.push(`ledger/${prefix}checkpoint: ${e.message}`);
  }
  return part;
}

/** Its own last checkpoint can only contradict. Of how many entries it is; undefined: it did not survive, or
 *  another key signed it. */
function checkOld(bytes, { log, origin }, prior, key) {
  if (!bytes) return undefined;
  const note = readNote(bytes);
  const { origin: said, size, root } = readCheckpoint(note);
  if (said !== origin) throw new Bad(`of the log ${said}, not of ${origin}`);
  if (!note.signatures.some((s) => s.name === key.name && s.id === key.id)) return undefined;
  checkSignature(note, key);
  if (size > prior.known) throw new Bad(`signed at ${size} entries, and the log after it admits to ${prior.known}`);
  if (size === prior.known && !equal(root, prior.knownRoot)) throw new Bad("it has another root than the log after it says was known");
  if (size <= log.size && !equal(log.rootAt(size), root)) throw new Bad(`at ${size} entries it is not a beginning of what is left: its history was rewritten, or there are two`);
  return size;
}
