// The page of `azekura survey`: PAGES=DIR CHROMIUM=PROGRAM node --test. DIR holds {en,ja}.html of the sample register's
// operators, and {en,ja}-merge.html of a merge. Its first line has to answer: how many, where, how crucial?
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const { PAGES: dir, CHROMIUM: program } = process.env;
let browser, page;
const asked = [], errors = [];

before(async () => {
  browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
  page = await (await browser.newContext({ offline: true })).newPage();
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => errors.push(message.text()));
});
after(async () => browser?.close());

async function open(name, media = "screen") {
  await page.setViewportSize(media === "print" ? { width: 688, height: 1000 } : { width: 1280, height: 900 });
  await page.emulateMedia({ media });
  await page.goto(pathToFileURL(join(dir, `${name}.html`)).href);
}

const first = {
  en: "10 servers: 5 in Japan (4 of them under foreign law), 4 abroad (United States 3, Germany 1), 1 undetermined, 0 in many places; of the 5 not shown to be in the country, 1 holds critical data, 1 holds important data, 2 hold ordinary data, and for 1 nobody has declared what it holds.",
  ja: "サーバー10台：日本国内5台（うち外国法の及ぶもの4台）、国外4台（アメリカ合衆国3、ドイツ1）、判定できず1台、複数の場所0台。国内と確認できない5台のうち、重要度「最重要」のデータを持つもの1台、重要度「重要」のデータを持つもの1台、重要度「一般」のデータを持つもの2台、データが未申告のもの1台。",
};
for (const [language, line] of Object.entries(first))
  for (const name of [language, `${language}-merge`])
    test(`the first line says how many, where and how crucial (${name})`, async () => {
      await open(name);
      const lines = (await page.locator("main").innerText()).split("\n").filter((line) => line.trim());
      assert.equal(lines[0], line);
      assert.equal(await page.getAttribute("html", "lang"), language);
      assert.ok(await page.locator("#answer").evaluate((e) => e.getBoundingClientRect().bottom < innerHeight / 3));
    });

const said = {
  en: [/Where they stand/, /Whose law reaches the owner/, /By operator\s[\s\S]*keyaki-bank\s+2\s+1\s+1/, /Declared, measured, allowed/, /bank-2\/bank-ledger\s+✕ not allowed\s+aoba-own\/keep\.at-home/, /Natural Earth, not a statement of position/, /not declared/],
  ja: [/所在/, /所有者に及ぶ法/, /事業者別\s[\s\S]*keyaki-bank\s+2\s+1\s+1/, /申告・判定・許容の三者比較/, /bank-2\/bank-ledger\s+✕ 許容されない\s+aoba-own\/keep\.at-home/, /Natural Earth。領土に関する立場を示すものではない/, /未申告/],
};
for (const [language, patterns] of Object.entries(said))
  test(`it compares declared, measured and allowed, and names its sources (${language})`, async () => {
    await open(language);
    const text = await page.locator("main").innerText();
    patterns.forEach((pattern) => assert.match(text, pattern));
    assert.match(text, /aws[\s\S]*SHA-256/);
  });

for (const name of ["en", "ja"])
  test(`its map can be read (${name})`, async () => {
    await open(name);
    const found = await page.evaluate(() => {
      const map = document.querySelector("svg.map"), view = map.getBoundingClientRect();
      const boxes = [...map.querySelectorAll("text")].map((e) => e.getBoundingClientRect());
      return {
        labels: [...map.querySelectorAll("text")].map((e) => e.textContent).sort(),
        covered: boxes.filter((a, i) => boxes.some((b, k) => k < i && a.left < b.right && b.left < a.right && a.top + 4 < b.bottom && b.top + 4 < a.bottom)).length,
        outside: boxes.filter((b) => b.left < view.left || b.right > view.right + 1 || b.top < view.top || b.bottom > view.bottom).length,
        marks: map.querySelectorAll("g.mark").length,
        coast: map.querySelector(".coast")?.getAttribute("d").length ?? 0,
        size: Math.min(...[...map.querySelectorAll("text")].map((e) => (parseFloat(getComputedStyle(e).fontSize) * view.width) / map.viewBox.baseVal.width)),
      };
    });
    assert.deepEqual(found.labels, name === "en" ? ["Germany 1", "Japan 5", "United States 3"] : ["アメリカ合衆国 3", "ドイツ 1", "日本 5"]);
    assert.equal(found.marks, 3);
    assert.equal(found.covered + found.outside, 0);
    assert.ok(found.coast > 50000, "land");
    assert.ok(found.size >= 12, `${found.size} px`);
  });

for (const media of ["screen", "print"])
  for (const name of ["en", "ja", "en-merge"])
    test(`it can be read: sizes, contrast, width (${name}, ${media})`, async () => {
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
        let contrast = 21, size = 100;
        const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const e = node.parentElement;
          if (!node.data.trim() || e.tagName === "STYLE" || e.closest("svg")) continue;
          const [a, b] = [light(colour(getComputedStyle(e).color)), light(ground(e))];
          contrast = Math.min(contrast, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
          size = Math.min(size, parseFloat(getComputedStyle(e).fontSize));
        }
        return { contrast, size, wide: document.documentElement.scrollWidth - innerWidth };
      });
      assert.ok(found.contrast >= 4.5, `contrast ${found.contrast}: WCAG 2.1, 1.4.3`);
      assert.ok(found.size >= (media === "print" ? 9 : 11.5), `${found.size} px`);
      assert.ok(found.wide <= 0, `${found.wide} px too wide`);
    });

test("it prints, runs nothing and asks the network for nothing", async () => {
  await open("en");
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  assert.ok(Math.max(...[...pdf.matchAll(/\/Count (\d+)/g)].map((match) => Number(match[1]))) >= 2);
  assert.ok(asked.every((url) => url.startsWith("file:")), asked.join(" "));
  assert.deepEqual(errors, []);
});
