#!/usr/bin/env node
// Writes src/inventory/nations_table.h: what inventories call countries. Codes of three letters are those of ISO 3166-1 (Debian:
// iso-codes), names the long and short ones of Unicode CLDR in English and Japanese, as node carries it, and some that
// people use besides. Names are kept as they are compared: small letters, no spaces or marks, "and" for &. A name that
// two countries go by is left out. `node tools/nations.mjs /usr/share/iso-codes/json/iso_3166-1.json > src/inventory/nations_table.h`
import { readFileSync } from "node:fs";

const iso = JSON.parse(readFileSync(process.argv[2], "utf8"))["3166-1"];
const besides = {
  US: ["United States of America", "America", "U.S.", "米国", "アメリカ", "合衆国"], GB: ["UK", "U.K.", "Great Britain", "英国"],
  KR: ["Republic of Korea", "大韓民国"], KP: ["Democratic People's Republic of Korea", "朝鮮民主主義人民共和国"],
  CN: ["People's Republic of China", "中華人民共和国"], TW: ["Chinese Taipei"], RU: ["Russian Federation"], JP: ["日本国"],
  AU: ["豪州"], DE: ["独国"], FR: ["仏国"], IN: ["印度"], NL: ["Holland", "The Netherlands"], CZ: ["Czech Republic"], VN: ["Viet Nam"],
  AE: ["UAE", "アラブ首長国"], SA: ["サウディアラビア"], IR: ["Islamic Republic of Iran"], TR: ["Turkey"], MM: ["Burma"], CI: ["Ivory Coast"],
  VA: ["Vatican", "Holy See"], LA: ["Lao"], MO: ["Macau"], BN: ["Brunei Darussalam"], MK: ["Macedonia"], SZ: ["Swaziland"], CV: ["Cape Verde"],
};
const bare = (name) => name.normalize("NFC").replace(/&/g, "and").replace(/[\s.,'’()・=＝-]/g, "").replace(/[A-Z]/g, (c) => c.toLowerCase());
const known = new Map(); // name: code, or null where two have it
const add = (name, code) => known.set(bare(name), known.has(bare(name)) && known.get(bare(name)) !== code ? null : code);
for (const { alpha_2: code, alpha_3 } of iso) {
  add(alpha_3, code);
  for (const language of ["en", "ja"])
    for (const style of ["long", "short"]) {
      const name = new Intl.DisplayNames(language, { type: "region", style }).of(code);
      if (bare(name) !== code.toLowerCase()) add(name, code);
    }
  for (const name of besides[code] ?? []) add(name, code);
}
const rows = [...known].filter(([, code]) => code !== null).map(([name, code]) => [Buffer.from(name), name, code]).sort((a, b) => Buffer.compare(a[0], b[0]));
console.log(`/* Made by tools/nations.mjs: what inventories call countries: ISO 3166-1 codes of three letters, names of Unicode CLDR
 * ${process.versions.cldr} in English and Japanese, and some that people use besides. As they are compared, in the order of their bytes. */
static const struct {
    const char *name;
    char code[3];
} nations[] = {`);
for (const [, name, code] of rows) console.log(`    {"${name}", "${code}"},`);
console.log("};");
