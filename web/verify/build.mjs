// Writes verify.html, one file without any reference to another: node build.mjs OUT
import { readFileSync, writeFileSync } from "node:fs";
import { buildSync } from "esbuild";

const here = (name) => new URL(name, import.meta.url).pathname;
const [out] = process.argv.slice(2);
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
