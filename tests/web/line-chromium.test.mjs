// An inspector with a browser and a bundle of a line of logs: BUNDLE=DIR VKEY=KEY CHROMIUM=PROGRAM node --test.
// The page tells of each earlier log what is left and what was lost, in both languages, and names the file
// of an earlier log in which a byte was changed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const { BUNDLE: dir, VKEY: vkey, CHROMIUM: program } = process.env;
const origin = vkey.split("+")[0].replace(/\/4$/, "");
const cover = JSON.parse(readFileSync(join(dir, "cover.json"), "utf8"));
let browser, page, scratch;

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "azekura-line-chromium-"));
  browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

async function verified(folder, locale) {
  await page?.close();
  page = await (await browser.newContext({ locale, offline: true })).newPage();
  await page.goto(pathToFileURL(join(dir, "verify.html")).href); // the inspector's own copy
  await page.fill("#key", vkey);
  await page.setInputFiles("#folder", folder);
  await page.waitForSelector("#verdict.good, #verdict.bad", { timeout: 60000 });
  return { verdict: await page.textContent("#verdict"), said: await page.innerText("#result") };
}

const texts = {
  "en-GB": {
    good: /^Everything holds: \d+ files, (\d+) entries of the period/,
    first: new RegExp(`log ${origin}, as the log after it says: (\\d+) entries are left of (\\d+) that were known\\. Those from 0 to \\d+ are of this period`),
    lost: new RegExp(`log ${origin}/3, as the log after it says: [1-9]\\d* entries were known, and none is left`),
    not: /What stood in entries of earlier logs that were lost/,
    bad: /^Not verified: (one thing is|\d+ things are) wrong\.$/,
    byte: ": other bytes than were signed",
  },
  "ja-JP": {
    good: /^すべて合っています：ファイル \d+ 件、期間内の記録 (\d+) 件/,
    first: new RegExp(`台帳 ${origin} があったと、次の台帳が記しています。既知の (\\d+) 件のうち (\\d+) 件が残っています。0 番から`),
    lost: new RegExp(`台帳 ${origin}/3 もあったと、次の台帳が記しています。既知の記録は [1-9]\\d* 件で、一件も残っていません`),
    not: /以前の台帳から失われた記録に何が書かれていたか/,
    bad: /^検証できません：\d+ 件の誤りがあります。$/,
    byte: "：署名された内容と異なります",
  },
};

function filesBelow(folder, found = []) {
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    if (item.isDirectory()) filesBelow(join(folder, item.name), found);
    else found.push(relative(dir, join(folder, item.name)));
  }
  return found.sort();
}

const changed = [...filesBelow(join(dir, "ledger", "old")), "opened-1", "opened-2"];
for (const [locale, text] of Object.entries(texts)) {
  test(`the page verifies the entries of earlier logs (${locale})`, async () => {
    const { verdict, said } = await verified(dir, locale);
    assert.match(verdict, text.good);
    assert.equal(Number(verdict.match(text.good)[1]), cover.entries);
    assert.match(said, text.first);
    assert.match(said, text.lost);
    assert.match(said, text.not);
    const names = await page.$$eval("#result table td:first-child", (cells) => cells.map((cell) => cell.textContent));
    assert.ok(names.includes(`${origin}#0`), "an entry of the first log is not in the table");
  });
  for (const path of locale === "ja-JP" ? changed.filter((_, i) => i % 3 === 1) : changed) {
    test(`a byte flipped in ${path} is shown, and little else (${locale})`, async () => {
      const copy = join(scratch, `${locale}-${path.replaceAll("/", "-")}`);
      cpSync(dir, copy, { recursive: true });
      const bytes = readFileSync(join(copy, path));
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(join(copy, path), bytes);
      const { verdict, said } = await verified(copy, locale);
      rmSync(copy, { recursive: true });
      assert.match(verdict, text.bad);
      assert.ok(said.includes(path + text.byte), said);
      // One byte was told of as up to 85 things, most of them about entries that nobody had read.
      const problems = await page.$$eval(".problems li", (items) => items.map((item) => [item.lang, item.textContent]));
      assert.ok(problems.length <= 2, said);
      assert.equal(problems[0][0], "", "told in English");
      if (path.startsWith("ledger/")) assert.ok(problems.every(([lang, problem]) => lang === "" && problem.includes("old/")), said);
    });
  }
}
