// The pages of `azekura site`: PAGES=DIR CHROMIUM=PROGRAM node --test. DIR holds {en,ja}-{rank,plan,explain,drill}.html of the
// sample register. What a planner asks first has to stand on the first screen, above the fold of 1280 × 900.
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

async function open(name, height = 900) {
  await page.setViewportSize({ width: 1280, height });
  await page.goto(pathToFileURL(join(dir, `${name}.html`)).href);
}
const firstScreen = () =>
  page.evaluate(() =>
    [...document.querySelectorAll("h1, .sheet p, .sheet li, .sheet tr")]
      .filter((e) => e.getBoundingClientRect().bottom <= innerHeight)
      .map((e) => e.innerText)
      .join("\n"),
  );

const first = {
  "en-plan": [/copies of Patient records should stand/, /worst risk that they share\n+.+/, /All of them are in: country JP/, /[\d.,]+(?: million)? times rarer: once in/, /One copy more \(.+\) makes it [\d.,]+(?: million)? times rarer again/],
  "ja-plan": [/患者記録の複製を置くべき拠点/, /共有する最大のリスク\n+.+/, /全拠点に共通する群：国 JP/, /頻度は[\d.,]+[万億]?分の1/, /複製をもう一つ増やすと（.+）さらに[\d.,]+[万億]?分の1/],
  "en-drill": [/Wave on the coast/, /[\d,]+ people lose a service/, /2 of \d+ sites go dark/, /Aoba Sapporo Annex.*\s+✕ dark\s+96\s+100\s+96 h/],
  "ja-drill": [/海岸の津波/, /[\d,]+人がサービスを失う/, /拠点のうち2が停止/, /札幌分室.*\s+✕ 停止\s+96\s+100\s+96時間/],
  "en-explain": [/Why this set is at risk/, /Sendai.+, .*Osaka.+\n+once in [\d,.]+( million)? to [\d,.]+( million)? years/, /What would change it[^]+ instead of .+: /],
  "ja-explain": [/この組の危険の内訳/, /\d+万?～[\d,.]+万?年に1回/, /変えるには[^]+の代わりに.+/],
  "en-rank": [/Struck least\n+Aoba.+\n+data lost /, /Struck most\n+.+\n+data lost /],
  "ja-rank": [/被害が最も少ない\n+青葉.+\n+データ喪失 /, /被害が最も多い\n+.+\n+データ喪失 /],
};
for (const [name, patterns] of Object.entries(first))
  test(`the first screen says what matters (${name})`, async () => {
    await open(name);
    const text = await firstScreen();
    patterns.forEach((pattern) => assert.match(text, pattern));
    assert.equal(await page.getAttribute("html", "lang"), name.slice(0, 2));
  });

// A table wider than a telephone pushed the whole page aside.
for (const name of Object.keys(first))
  test(`nothing runs over the edge of a telephone (${name})`, async () => {
    await open(name);
    await page.setViewportSize({ width: 390, height: 844 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  });

// Words of the tables and of the register, which are for programs, stood among Japanese sentences.
for (const name of Object.keys(first).filter((name) => name.startsWith("ja-")))
  test(`no code stands for a Japanese word (${name})`, async () => {
    await open(name);
    assert.doesNotMatch(await page.innerText("main"), /hazard\.quake_30y|\b6-(lower|upper)\b|\bevent [a-z]/);
  });

// The five questions of docs/site.md, in its order, on a small screen.
const asks = {
  en: [/Today: .*Sendai.*, .*Osaka/, /The worst risk that they share\n+.+\n+.+once in.+\d+ % of the times by this/, /All of them are in: country JP/, /The remedy: copies at\n+.+, .+\n+makes it [\d.,]+(?: million)? times rarer: /, /One copy more \(.+\) makes it [\d.,]+(?: million)? times rarer again/],
  ja: [/今日：.*仙台.*、.*大阪/, /共有する最大のリスク\n+.+\n+.+年に1回。.+\d+ %がこれによる/, /全拠点に共通する群：国 JP/, /対策：次の拠点に置く\n+.+、.+\n+頻度は[\d.,]+[万億]?分の1/, /複製をもう一つ増やすと（.+）さらに[\d.,]+[万億]?分の1/],
};
for (const [language, questions] of Object.entries(asks))
  test(`a planner's five questions are answered without scrolling (${language})`, async () => {
    await open(`${language}-plan`, 720);
    const text = await firstScreen();
    questions.forEach((question) => assert.match(text, question));
    assert.equal(await page.evaluate(() => scrollY), 0);
  });

for (const name of Object.keys(first))
  test(`its map can be read (${name})`, async () => {
    await open(name);
    const found = await page.evaluate(() => {
      const map = document.querySelector("svg.map"), view = map.getBoundingClientRect();
      const labels = [...map.querySelectorAll("text:not(.degree)")];
      const boxes = labels.map((e) => e.getBoundingClientRect());
      const covered = boxes.filter((a, i) => boxes.some((b, k) => k < i && a.left < b.right && b.left < a.right && a.top + 4 < b.bottom && b.top + 4 < a.bottom));
      return {
        labels: labels.map((e) => e.textContent).sort(),
        covered: covered.length,
        outside: boxes.filter((b) => b.left < view.left || b.right > view.right + 1 || b.top < view.top || b.bottom > view.bottom).length,
        above: view.top < innerHeight && view.bottom <= innerHeight,
        reach: map.querySelectorAll(".reach").length,
        marks: map.querySelectorAll("g").length,
        size: Math.min(...labels.map((e) => (parseFloat(getComputedStyle(e).fontSize) * view.width) / map.viewBox.baseVal.width)),
      };
    });
    assert.deepEqual(found.labels, ["fukuoka", "hospital", "morioka", "niigata", "osaka", "sapporo", "sendai", "tokyo-foreign"]);
    assert.equal(found.marks, found.labels.length);
    assert.equal(found.covered, 0, "labels that cover each other");
    assert.equal(found.outside, 0, "labels cut off");
    assert.ok(found.above, "the map is on the first screen");
    assert.ok(found.size >= 12, `${found.size} px`);
    if (name.endsWith("drill")) assert.equal(found.reach, 2, "a circle and a polygon");
  });

for (const name of Object.keys(first))
  test(`sizes and contrast (${name})`, async () => {
    await open(name);
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
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const e = node.parentElement, style = getComputedStyle(e);
        if (!node.data.trim() || e.tagName === "STYLE") continue;
        const [a, b] = [light(colour(e.closest("svg") ? style.fill : style.color)), light(ground(e))];
        contrast = Math.min(contrast, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
        size = Math.min(size, parseFloat(style.fontSize));
      }
      return { contrast, size, wide: document.documentElement.scrollWidth - innerWidth };
    });
    assert.ok(found.contrast >= 4.5, `contrast ${found.contrast}: WCAG 2.1, 1.4.3`);
    assert.ok(found.size >= 12, `${found.size} px`);
    assert.ok(found.wide <= 0, `${found.wide} px too wide`);
  });

test("it asks the network for nothing and runs no script", async () => {
  await open("en-plan");
  assert.equal(await page.locator("script").count(), 0);
  assert.ok(asked.every((url) => url.startsWith("file:")), asked.join(" "));
  assert.deepEqual(errors, []);
});
