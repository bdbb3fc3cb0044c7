// An inspector with a browser: BUNDLE=DIR VKEY=KEY CHROMIUM=PROGRAM node --test. Opens the bundle's own page
// from disk and its cover sheet, without a network.
//
// Five questions, written down before the sheet was drawn; page one of it has to answer them:
//   1 Who is this, and for whom?          2 Which period?
//   3 How many acts were refused, and by which clauses?
//   4 What is unknown?                    5 Which exceptions were in effect, what is owed?
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const { BUNDLE: dir, VKEY: vkey, CHROMIUM: program } = process.env;
const A4_PX = ((297 - 32) * 96) / 25.4; // height between the sheet's margins
let browser, page, scratch;
const asked = [];

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "azekura-chromium-"));
  browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
  page = await (await browser.newContext({ locale: "en-GB", offline: true })).newPage();
  page.on("request", (request) => asked.push(request.url()));
});
after(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

async function verified(folder, key = vkey) {
  await page.goto(pathToFileURL(join(folder, "verify.html")).href);
  await page.fill("#key", key);
  await page.setInputFiles("#folder", folder);
  await page.waitForFunction(() => !/^(Verifying|Nothing)/.test(document.getElementById("verdict").textContent), null, { timeout: 60000 });
  return page.textContent("#verdict");
}

test("the bundle's own page verifies it from disk", async () => {
  assert.match(await verified(dir), /^Everything holds: \d+ files, \d+ entries of the period/);
  assert.equal(await page.getAttribute("#verdict", "class"), "good");
  await page.click("button[data-language=ja]");
  assert.match(await page.textContent("#verdict"), /^すべて合っています/);
  assert.ok(asked.every((url) => url.startsWith("file:") || url.startsWith("data:")), asked.join(" "));
});

test("without a key it does not say whose it is", async () => {
  assert.match(await verified(dir, ""), /no key was given/);
});

for (const path of ["cover.html", "cover.json", "opened", "manifest", "files", "verify.html", "ledger/checkpoint", "ledger/tile/entries/000"]) {
  test(`a byte flipped in ${path} is shown`, async () => {
    const copy = join(scratch, "flipped-" + path.replaceAll("/", "-"));
    cpSync(dir, copy, { recursive: true });
    const bytes = readFileSync(join(copy, path));
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(join(copy, path), bytes);
    // A page that was changed is no judge of itself: the inspector's own copy is asked.
    if (path === "verify.html") cpSync(join(dir, path), join(scratch, "verify.html"));
    await page.goto(pathToFileURL(join(path === "verify.html" ? scratch : copy, "verify.html")).href);
    await page.fill("#key", vkey);
    await page.setInputFiles("#folder", copy);
    await page.waitForSelector("#verdict.bad", { timeout: 60000 });
    assert.match(await page.textContent("#verdict"), /^Not verified/);
  });
}

const questions = {
  en: [/Operator.*Aoba Electric Power Co.*For.*Inspector, Sendai/s, /Period.*from 20\d\d-\d\d-\d\dT00:00:00Z until before 20\d\d/s,
    /Refused: 1\..*aoba-own\/read\.at-home refuse\s*1/s, /What is unknown.*Unknown in the assessment of the register: \d+\..*first say/s,
    /Exception \S+ to aoba-own\/read\.at-home until .*second opinion abroad.*Debts when this was made: \d+ owed, \d+ late/s],
  ja: [/事業者.*青葉電力株式会社.*提出先.*Inspector, Sendai/s, /対象期間.*20\d\d-\d\d-\d\dT00:00:00Z から/s,
    /拒否：1 件.*aoba-own\/read\.at-home refuse\s*1/s, /不明な点.*適合性評価で不明：\d+ 件/s, /例外 \S+（aoba-own\/read\.at-home.*未履行 \d+ 件/s],
};
for (const [language, patterns] of Object.entries(questions)) {
  test(`page one of the sheet answers the five questions (${language})`, async () => {
    await page.setViewportSize({ width: Math.round((182 * 96) / 25.4), height: 1000 });
    await page.emulateMedia({ media: "print" });
    await page.goto(pathToFileURL(join(dir, "cover.html")).href);
    const first = await page.evaluate((wanted) => {
      const section = document.querySelector(`section[lang=${wanted}]`);
      const rest = section.querySelector(":scope > div.page-break");
      const height = rest.getBoundingClientRect().top - section.getBoundingClientRect().top;
      const text = section.innerText;
      return { height, text: text.slice(0, text.indexOf(rest.innerText.slice(0, 40))) };
    }, language);
    patterns.forEach((pattern, i) => assert.match(first.text, pattern, `question ${i + 1}`));
    assert.ok(first.height <= A4_PX, `page one is ${first.height} px high, ${A4_PX} fit`);
  });
}
