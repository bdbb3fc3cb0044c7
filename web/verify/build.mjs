// Writes verify.html, one file without any reference to another, and the same as C for the program to
// carry: node build.mjs OUT [OUT.c]
import { readFileSync, writeFileSync } from "node:fs";
import { buildSync } from "esbuild";

const here = (name) => new URL(name, import.meta.url).pathname;
const [out, outC] = process.argv.slice(2);
const { outputFiles } = buildSync({
  entryPoints: [here("page.js")],
  bundle: true,
  format: "iife",
  target: "es2020",
  minify: true,
  charset: "utf8",
  legalComments: "inline",
  write: false,
});
const script = outputFiles[0].text.replaceAll("</script", "<\\/script");
// Replacement by function: a "$" in the script means itself.
const page = readFileSync(here("page.html"), "utf8")
  .replace("/*style*/", () => readFileSync(here("page.css"), "utf8"))
  .replace("/*script*/", () => script);
writeFileSync(out, page);

if (outC) {
  const bytes = Buffer.from(page, "utf8");
  const lines = [];
  for (let at = 0; at < bytes.length; at += 24) lines.push([...bytes.subarray(at, at + 24)].join(",") + ",");
  writeFileSync(outC, `/* Made from web/verify: the page of a bundle. */\n#include "app/evidence/bundle.h"\n` +
    `const unsigned char bundle_page[] = {\n${lines.join("\n")}\n};\nconst size_t bundle_page_bytes = sizeof bundle_page;\n`);
}
