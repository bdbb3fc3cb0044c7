// One ledger entry, format 1: docs/formats/entry.md.
import { Bad, bytesOf, concat, Reader, text } from "./bytes.js";
import { checkPath, leafHash, sha256 } from "./tree.js";

const RULES = 1, DECISION = 2, STORED = 4, FIELDS = 8, SPAN = 16, DIGEST = 32, CODE = 64, PRIOR = 128;
const ACT = RULES | DECISION | FIELDS;
const act = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const record = [6, 7, 8, 9, 10, 11, 13, 14];

/** number: [name, parts, ids of hidden fields] */
export const TYPES = new Map([
  [1, ["start", RULES | FIELDS | DIGEST, record]],
  [2, ["succession", FIELDS | PRIOR, record]],
  [3, ["code", CODE, []]],
  [4, ["guard", FIELDS, record]],
  [5, ["redacted", FIELDS | SPAN, record]],
  [16, ["put", ACT | STORED, act]],
  [17, ["copy", ACT | STORED, act]],
  [18, ["delete", ACT, act]],
  [19, ["delete-marker", ACT, act]],
  [20, ["upload-create", ACT, act]],
  [21, ["upload-complete", ACT | STORED, act]],
  [22, ["upload-abort", ACT, act]],
  [23, ["read", ACT, act]],
  [24, ["bucket-create", ACT, act]],
  [25, ["bucket-delete", ACT, act]],
  [26, ["bucket-change", ACT, act]],
  [27, ["object-change", ACT, act]],
  [32, ["refuse", ACT, act]],
  [33, ["fold", ACT | SPAN, act]],
  [48, ["rule-change", RULES | FIELDS | DIGEST, record]],
  [49, ["register-change", RULES | FIELDS | DIGEST, record]],
  [50, ["identity-change", FIELDS, record]],
  [51, ["place", ACT, record]],
  [52, ["exception", ACT, record]],
  [53, ["break-glass", ACT, record]],
  [54, ["inspection", ACT, record]],
  [55, ["look", ACT, record]],
  [56, ["location-proof", ACT | DIGEST, record]],
  [64, ["debt-owed", ACT | SPAN, record]],
  [65, ["debt-met", ACT | SPAN, record]],
  [66, ["debt-late", ACT | SPAN, record]],
  [67, ["finding", ACT, record]],
  [68, ["report", RULES | FIELDS | DIGEST, record]],
  [69, ["bundle", RULES | FIELDS | DIGEST, record]],
]);
export const FIELD_NAMES = [null, "bucket", "key", "version", "size", "digest", "time", "user", "address", "facts", "request", "dataset",
  "source", "detail", "subject"];
export const DECISIONS = ["allow", "warn", "refuse"];
export const EFFECTS = ["allow", "warn", "refuse", "excepted", "lifted", "broken"];
export const CODE_KINDS = [null, "act", "clause", "sector", "class", "site"];

export function readEntry(bytes) {
  const r = new Reader(bytes);
  if (text(r.take(4)) !== "AZKE") throw new Bad("not an entry: it does not begin with AZKE");
  const format = r.u8();
  if (format !== 1) throw new Bad(`an entry of format ${format}; this page reads format 1`);
  const number = r.u8();
  const known = TYPES.get(number);
  if (!known) throw new Bad(`an entry of type ${number}, which this page does not know: it is from a newer program`);
  const [type, parts, fields] = known;
  const entry = { type, minute: r.u32(), fieldIds: fields };
  if (parts & RULES) entry.rules = r.take(32);
  if (parts & DECISION) readDecision(r, entry);
  if (parts & STORED) entry.stored = r.take(32);
  if (parts & FIELDS) entry.fields = r.take(32);
  if (parts & SPAN) entry.span = { first: r.u64(), count: r.u64() };
  if (parts & DIGEST) entry.digest = r.take(32);
  if (parts & CODE) readCode(r, entry);
  if (parts & PRIOR) {
    entry.prior = { origin: text(r.take(r.u8())), known: r.u64(), knownRoot: r.take(32), left: r.u64(), leftRoot: r.take(32) };
  }
  r.end("the entry");
  return entry;
}

function readDecision(r, entry) {
  entry.act = r.u16();
  const decision = r.u8();
  if (decision >= DECISIONS.length) throw new Bad(`a decision of number ${decision}`);
  entry.decision = DECISIONS[decision];
  entry.sector = r.u16();
  entry.class = r.u16();
  entry.clauses = [];
  let before = 0;
  for (let n = r.u16(); n > 0; n--) {
    const code = r.u32();
    const effect = r.u8();
    if (code <= before) throw new Bad("clauses out of order");
    if ((effect & 0x7f) >= EFFECTS.length) throw new Bad(`an effect of number ${effect & 0x7f}`);
    entry.clauses.push({ code, effect: EFFECTS[effect & 0x7f], unknown: effect >= 0x80 });
    before = code;
  }
  entry.sites = [];
  before = 0;
  for (let n = r.u8(); n > 0; n--) {
    const code = r.u16();
    if (code <= before) throw new Bad("sites out of order");
    entry.sites.push(code);
    before = code;
  }
}

function readCode(r, entry) {
  const kind = CODE_KINDS[r.u8()];
  const code = r.u32();
  if (!kind || code === 0) throw new Bad("a code of no kind");
  entry.code = { kind, code, text: text(r.take(r.u16())) };
}

/** The codes that entries of type code have named: what a number means, for ever. */
export class Codes {
  constructor() {
    this.names = new Map();
  }
  learn({ kind, code, text: name }) {
    const id = `${kind}/${code}`;
    const before = this.names.get(id);
    if (before !== undefined && before !== name) throw new Bad(`${kind} ${code} is "${before}" and "${name}"`);
    this.names.set(id, name);
  }
  name(kind, code) {
    if (code === 0) return null;
    return this.names.get(`${kind}/${code}`) ?? `${kind} ${code}`;
  }
}

const FIELD_DOMAIN = bytesOf("azekura-field-v1\0");

/** An extra (docs/formats/opening.md) read, and each opened field held against the entry it is said
 *  to belong to: [{name, value}]. */
export function readOpened(bytes, entryBytes) {
  const r = new Reader(bytes);
  if (text(r.take(4)) !== "AZKX") throw new Bad("opened fields that do not begin with AZKX");
  if (r.u8() !== 1) throw new Bad("opened fields of another format than 1");
  const own = r.take(r.u16());
  if (own.length !== entryBytes.length || own.some((byte, i) => byte !== entryBytes[i])) throw new Bad("opened fields of another entry");
  const entry = readEntry(entryBytes);
  const opened = [];
  let before = 0;
  for (let n = r.u8(); n > 0; n--) {
    const id = r.u16();
    if (id <= before) throw new Bad("opened fields out of order");
    before = id;
    const place = entry.fieldIds.indexOf(id);
    if (place < 0) throw new Bad(`field ${id} is none of a ${entry.type} entry`);
    const salt = r.take(16);
    const value = r.take(r.u16());
    const path = [];
    for (let p = r.u8(); p > 0; p--) path.push(r.take(32));
    const head = new Uint8Array(6);
    new DataView(head.buffer).setUint32(2, value.length);
    new DataView(head.buffer).setUint16(0, id);
    const commitment = sha256(concat(FIELD_DOMAIN, head.subarray(0, 2), salt, head.subarray(2), value));
    checkPath(leafHash(commitment), place, entry.fieldIds.length, path, entry.fields);
    opened.push({ name: FIELD_NAMES[id], value: new Uint8Array(value) });
  }
  if (r.u16() !== 0) throw new Bad("names where none belong");
  r.end("the opened fields");
  return opened;
}
