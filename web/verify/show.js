// Values of opened fields, for a person.
import { hex } from "./bytes.js";

const lax = new TextDecoder("utf-8");

export function showMinute(minute) {
  return new Date(minute * 60000).toISOString().slice(0, 16) + "Z";
}

function showTime(view) {
  const ns = view.getBigInt64(0);
  const date = new Date(Number(ns / 1000000n));
  return date.toISOString().replace("Z", String(ns % 1000000n).padStart(6, "0") + "Z");
}

function showAddress(bytes) {
  if (bytes.length === 4) return bytes.join(".");
  const groups = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] << 8) | bytes[i + 1]).toString(16));
  return groups.join(":");
}

export function showField({ name, value }) {
  if (value.length === 0) return "–";
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (name === "size") return String(view.getBigUint64(0));
  if (name === "time") return showTime(view);
  if (name === "digest") return hex(value);
  if (name === "address") return showAddress(value);
  return lax.decode(value).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
