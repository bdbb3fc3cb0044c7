// Reading bytes strictly: every reader ends in a value or in a sentence that says where and why not.

/** What is wrong with the input, in words for a person. */
export class Bad extends Error {}

const utf8 = new TextDecoder("utf-8", { fatal: true });

export function text(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Bad("bytes that are not UTF-8");
  }
}

export const bytesOf = (string) => new TextEncoder().encode(string);

export function hex(bytes) {
  let out = "";
  for (const byte of bytes) out += byte.toString(16).padStart(2, "0");
  return out;
}

/** Standard base64 with padding, one spelling a value. */
export function base64(string) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(string)) throw new Bad("not base64");
  const binary = atob(string);
  if (btoa(binary) !== string) throw new Bad("base64 with bits left over");
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

export function toBase64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export function equal(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Big-endian integers and slices, from front to back. */
export class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }
  take(count) {
    if (this.at + count > this.bytes.length) throw new Bad(`ends after ${this.bytes.length} bytes, ${this.at + count} expected`);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  u8() {
    return this.take(1)[0];
  }
  u16() {
    this.take(2);
    return this.view.getUint16(this.at - 2);
  }
  u32() {
    this.take(4);
    return this.view.getUint32(this.at - 4);
  }
  /** Indexes and sizes: a number, as long as it is exact. */
  u64() {
    this.take(8);
    const value = this.view.getBigUint64(this.at - 8);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Bad(`the number ${value} is larger than this page can count`);
    return Number(value);
  }
  i64() {
    this.take(8);
    return this.view.getBigInt64(this.at - 8);
  }
  end(what) {
    if (this.at !== this.bytes.length) throw new Bad(`${this.bytes.length - this.at} bytes too many after ${what}`);
  }
}

/** A decimal without leading zeros. */
export function decimal(string, what) {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(string) || !Number.isSafeInteger(Number(string))) throw new Bad(`${what}: "${string}" is no number`);
  return Number(string);
}
