// Merkle trees of RFC 6962, section 2.1.
import { sha256 } from "@noble/hashes/sha2";
import { Bad, concat, equal } from "./bytes.js";

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

export { sha256 };
export const leafHash = (data) => sha256(concat(LEAF, data));
export const nodeHash = (left, right) => sha256(concat(NODE, left, right));
export const EMPTY_ROOT = sha256(new Uint8Array(0));

/** Perfect subtrees from left to right, each of a height, folded to one root. Heights only fall,
 *  but for those that complete a larger one. */
export class Frontier {
  constructor() {
    this.stack = [];
  }
  push(hash, height) {
    while (this.stack.length > 0 && this.stack.at(-1).height === height) {
      hash = nodeHash(this.stack.pop().hash, hash);
      height++;
    }
    this.stack.push({ hash, height });
  }
  root() {
    if (this.stack.length === 0) return EMPTY_ROOT;
    let hash = this.stack.at(-1).hash;
    for (let i = this.stack.length - 2; i >= 0; i--) hash = nodeHash(this.stack[i].hash, hash);
    return hash;
  }
}

export function rootOf(hashes) {
  const frontier = new Frontier();
  for (const hash of hashes) frontier.push(hash, 0);
  return frontier.root();
}

/** The root that an inclusion path leads to: RFC 9162, section 2.1.3.2. */
export function rootByPath(hash, index, size, path) {
  if (index >= size) throw new Bad(`leaf ${index} of a tree of ${size}`);
  let at = index;
  let last = size - 1;
  for (const sibling of path) {
    if (last === 0) throw new Bad("a path longer than the tree is high");
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) throw new Bad("a path shorter than the tree is high");
  return hash;
}

export function checkPath(hash, index, size, path, root) {
  if (!equal(rootByPath(hash, index, size, path), root)) throw new Bad("does not lead to the root");
}
