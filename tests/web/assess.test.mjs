// The page of an assessment, as an inspector gets it: PAGES=DIR CHROMIUM=PROGRAM node --test. DIR holds
// {en,ja}.html of the sample register, {en,ja}-kept.html with a store's ledger, and {en,ja}-all.html as if
// every rulebook were adopted.
//
// Five questions, written down before the sheet was drawn (docs/decisions/assess.md); page one, one page of
// A4 when printed, has to answer them:
//   1 Whose is it, as of when, and by which rules?
//   2 What fails, of which clauses, how binding are they, and what would change it?
//   3 What is unknown, and what has to be said first?
//   4 What was let through, what is owed, and what was left to the gate?
//   5 How much was covered, and on whose word do the passes rest?
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const { PAGES: dir, CHROMIUM: program } = process.env;
const [WIDTH_PX, HEIGHT_PX] = [((210 - 28) * 96) / 25.4, ((297 - 32) * 96) / 25.4]; // between A4's margins
let browser, page;
const asked = [];

before(async () => {
  browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
  page = await (await browser.newContext({ locale: "en-GB", offline: true })).newPage();
  page.on("request", (request) => asked.push(request.url()));
});
after(async () => browser?.close());

async function open(name, media) {
  await page.setViewportSize(media === "print" ? { width: Math.round(WIDTH_PX), height: 1000 } : { width: 1280, height: 900 });
  await page.emulateMedia({ media });
  await page.goto(pathToFileURL(join(dir, `${name}.html`)).href);
}

const questions = {
  en: [
    /Assessment\s+Aoba Electric Power, .*As of 2026-11-22T00:00:00Z\..*By \d+ rulebooks: aoba-own, .*SHA-256 [0-9a-f]{64}/s,
    /\d+\s*✕ fail.*What fails.*jp-unified-standards-2026\/3\.3\.1\s+Assets are listed.*should\s+\d+\s+equipment\.site must be known/s,
    /What is unknown, and why.*jp-medical-provider\/table-4-1\.certified.*contract\s+\d+\s+one of these: first say: entity\.certifications \(unknown\)/s,
    /Exceptions in effect: \d+.*Clauses that oblige within a time: \d+.*Decided at the gate, request by request: 2 clauses about sessions: aoba-own\/read\.at-home/s,
    /How much was covered.*verified\s+attested\s+unknown\s+excepted\s+not applicable.*own\s+\d+.*Passes rest, at their weakest, on: .*declared \d+\. Clauses that could not be checked here: \d+\./s,
  ],
  ja: [
    /適合性評価\s+青葉電力、.*基準日時：2026-11-22T00:00:00Z。.*規程集 \d+ 編による：aoba-own, .*SHA-256 [0-9a-f]{64}/s,
    /\d+\s*✕ 不適合.*不適合.*jp-unified-standards-2026\/3\.3\.1\s+資産を一覧にして管理する.*すべき\s+\d+\s+equipment\.site が分かっていること/s,
    /不明とその理由.*jp-medical-provider\/table-4-1\.certified.*契約\s+\d+\s+次のいずれか： まず示すこと：entity\.certifications（不明）/s,
    /有効な例外：\d+ 件.*期限付きの義務を課す条項：\d+ 件.*門で要求ごとに判定：接続に関する 2 条項: aoba-own\/read\.at-home/s,
    /網羅状況.*検証済み\s+書面\s+不明\s+例外\s+対象外.*自社の決定\s+\d+.*適合の最も弱い根拠：.*申告 \d+。ここで確かめられない条項：\d+。/s,
  ],
};
const kept = {
  en: /Exceptions in effect: 1: aoba-own\/read\.at-home until .*second opinion abroad.*Debts in the ledger: 2 owed, 0 late, 1 met: copies 2.*read\.at-home \(allowed 7, warned 0, refused 1\)/s,
  ja: /有効な例外：1 件.*台帳上の義務：未履行 2 件、期限超過 0 件、履行済み 1 件: 写しの数 2.*read\.at-home（許可 7、警告 0、拒否 1）/s,
};

for (const [language, patterns] of Object.entries(questions)) {
  test(`page one answers the five questions (${language})`, async () => {
    await open(language, "print");
    const text = await page.locator(".sheet").innerText();
    patterns.forEach((pattern, i) => assert.match(text, pattern, `question ${i + 1}`));
    assert.equal(await page.getAttribute("html", "lang"), language);
  });
  test(`with a ledger it tells what is owed and how often the gate decided (${language})`, async () => {
    await open(`${language}-kept`, "print");
    assert.match(await page.locator(".sheet").innerText(), kept[language]);
  });
  for (const name of [language, `${language}-kept`, `${language}-all`])
    test(`page one is one page of A4 (${name})`, async () => {
      await open(name, "print");
      const [sheet, rest] = await page.evaluate(() => {
        const sheet = document.querySelector(".sheet");
        return [sheet.getBoundingClientRect().height, getComputedStyle(sheet.nextElementSibling).breakBefore];
      });
      assert.ok(sheet > HEIGHT_PX / 3 && sheet <= HEIGHT_PX, `page one is ${sheet} px high, ${HEIGHT_PX} fit`);
      assert.equal(rest, "page");
    });
}

for (const media of ["screen", "print"])
  for (const name of ["en", "ja-kept", "en-all"])
    test(`it can be read: sizes and contrast (${name}, ${media})`, async () => {
      await open(name, media);
      const found = await page.evaluate(() => {
        const channel = (c) => ((c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        const colour = (text) => text.match(/[\d.]+/g).map(Number);
        const ground = (e) => {
          for (; e; e = e.parentElement) {
            const c = colour(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] > 0) return c;
          }
          return [255, 255, 255];
        };
        let contrast = 21, size = 100, wide = document.documentElement.scrollWidth - innerWidth, texts = 0;
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const e = node.parentElement;
          if (!node.data.trim() || e.tagName === "STYLE") continue;
          const [a, b] = [light(colour(getComputedStyle(e).color)), light(ground(e))];
          contrast = Math.min(contrast, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
          size = Math.min(size, parseFloat(getComputedStyle(e).fontSize));
          texts++;
        }
        const broken = [...document.querySelectorAll('a[href^="#"]')].filter((a) => !document.getElementById(a.hash.slice(1)));
        return { contrast, size, wide, texts, broken: broken.map((a) => a.textContent) };
      });
      assert.ok(found.texts > 100, `${found.texts} texts`);
      assert.ok(found.contrast >= 4.5, `contrast ${found.contrast}: WCAG 2.1, 1.4.3`);
      assert.ok(found.size >= (media === "print" ? 9 : 12), `${found.size} px`);
      assert.ok(found.wide <= 0, `${found.wide} px too wide`);
      assert.deepEqual(found.broken, [], "links that lead nowhere");
    });

test("it prints, and asks the network for nothing", async () => {
  await open("en", "screen");
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  const pages = Math.max(...[...pdf.matchAll(/\/Count (\d+)/g)].map((match) => Number(match[1])));
  assert.ok(pages > 2, `${pages} pages`);
  assert.ok(asked.every((url) => url.startsWith("file:")), asked.join(" "));
});
