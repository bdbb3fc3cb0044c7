// A log in files, some of its entry bundles left out: c2sp.org/tlog-tiles. All hash tiles of level 1 and
// above are there and the right edge of level 0, so each entry bundle that is there is held against
// the root by itself.
import { Bad, equal, Reader } from "./bytes.js";
import { Frontier, leafHash, rootOf } from "./tree.js";

const HASH = 32;
const WIDTH = 256;

/** "tile/L/x001/234" or "….p/W" */
export function tilePath(level, index, width) {
  let digits = String(index);
  digits = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = digits.match(/.{3}/g);
  const path = groups.map((group, i) => (i < groups.length - 1 ? "x" : "") + group).join("/");
  return `tile/${level}/${path}${width < WIDTH ? `.p/${width}` : ""}`;
}

/** [{level, index, width}] of everything but full tiles of level 0, from the top down. */
function shape(size) {
  const levels = [size];
  while (levels.at(-1) >= WIDTH) levels.push(Math.floor(levels.at(-1) / WIDTH));
  return levels;
}

export class SparseLog {
  /** `file(path)` gives bytes or undefined. Throws unless the tiles make the checkpoint's root; `whose` says in words
   *  where that stands. */
  constructor(file, checkpoint, whose = "the checkpoint signs") {
    this.file = file;
    this.size = checkpoint.size;
    this.hashes = shape(this.size).map((count, level) => this.readLevel(level, count));
    const frontier = new Frontier();
    for (let level = this.hashes.length - 1; level >= 0; level--) {
      const { from, hashes } = this.hashes[level];
      for (let i = level === this.hashes.length - 1 ? 0 : this.above(level) * WIDTH; i < from + hashes.length; i++) {
        frontier.push(hashes[i - from], level * 8);
      }
    }
    if (!equal(frontier.root(), checkpoint.root)) throw new Bad(`the tree's tiles do not make the root that ${whose}`);
    for (let level = 1; level + 1 < this.hashes.length; level++) this.checkLevel(level);
  }
  above(level) {
    return level + 1 < this.hashes.length ? this.hashes[level + 1].hashes.length : 0;
  }
  /** All hashes of a level; of level 0 only those no full tile holds. */
  readLevel(level, count) {
    const first = level === 0 ? Math.floor(count / WIDTH) : 0;
    const hashes = [];
    for (let index = first; index * WIDTH < count; index++) {
      const width = Math.min(WIDTH, count - index * WIDTH);
      const path = tilePath(level, index, width);
      const bytes = this.file(path);
      if (!bytes) throw new Bad(`${path} is missing`);
      if (bytes.length !== width * HASH) throw new Bad(`${path} has ${bytes.length} bytes, ${width * HASH} expected`);
      for (let i = 0; i < width; i++) hashes.push(bytes.subarray(i * HASH, (i + 1) * HASH));
    }
    return { from: first * WIDTH, hashes };
  }
  checkLevel(level) {
    const { hashes } = this.hashes[level];
    const parents = this.hashes[level + 1].hashes;
    parents.forEach((parent, i) => {
      if (!equal(rootOf(hashes.slice(i * WIDTH, (i + 1) * WIDTH)), parent)) {
        throw new Bad(`${tilePath(level, i, WIDTH)} does not hash to its place in the level above`);
      }
    });
  }
  /** [bytes] of the entries of one bundle, each held against the tree. undefined: it is not there. */
  bundle(index) {
    const width = Math.min(WIDTH, this.size - index * WIDTH);
    const path = tilePath("entries", index, width);
    const bytes = this.file(path);
    if (!bytes) return undefined;
    const r = new Reader(bytes);
    const entries = [];
    try {
      while (entries.length < width) entries.push(r.take(r.u16()));
      r.end("its entries");
    } catch (e) {
      throw e instanceof Bad ? new Bad(`${path}: ${e.message}`) : e;
    }
    const leaves = entries.map(leafHash);
    const { from, hashes } = this.hashes[0];
    const holds =
      width === WIDTH ? equal(rootOf(leaves), this.hashes[1].hashes[index]) : leaves.every((leaf, i) => equal(leaf, hashes[index * WIDTH + i - from]));
    if (!holds) throw new Bad(`${path}: its entries are not those of the tree`);
    return entries;
  }
  /** Hashes of the entries of one bundle: of the right edge they are there, of others the bundle has to be. */
  leaves(index) {
    const { from, hashes } = this.hashes[0];
    if (index * WIDTH === from) return hashes;
    const entries = this.bundle(index);
    if (!entries) throw new Bad(`the entries from ${index * WIDTH} on, which it is held against, are missing`);
    return entries.map(leafHash);
  }
  /** The root of the first `size` entries. What of them is in no full bundle has to be there. */
  rootAt(size) {
    const frontier = new Frontier();
    const full = Math.floor(size / WIDTH);
    for (let i = 0; i < full; i++) frontier.push(this.hashes[1].hashes[i], 8);
    const rest = size % WIDTH;
    for (const leaf of rest > 0 ? this.leaves(full).slice(0, rest) : []) frontier.push(leaf, 0);
    return frontier.root();
  }
  bundleCount() {
    return Math.ceil(this.size / WIDTH);
  }
}
