// The page around the verification: choosing, progress, the answer. Everything is text nodes: what a
// bundle says never becomes markup.
import { verifyBundle } from "./bundle.js";
import { EFFECTS } from "./entry.js";
import { showField, showMinute } from "./show.js";
import { WORDS } from "./words.js";

const SHOWN = 500;
const $ = (id) => document.getElementById(id);
let language = navigator.language?.startsWith("ja") ? "ja" : "en";
let files = null;
let report = null;
let turn = 0;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function list(items, attributes = {}) {
  return make("ul", attributes, ...items.map((item) => make("li", {}, item)));
}

function table(head, rows) {
  const cell = (value) => make("td", typeof value === "number" ? { class: "number" } : {}, String(value));
  return make("table", {}, make("thead", {}, make("tr", {}, ...head.map((h) => make("th", { scope: "col" }, h)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell)))));
}

function problemList(words) {
  return make("ul", { class: "problems" }, ...report.problems.map((problem) => {
    const said = words.problem(problem);
    return make("li", said === undefined ? { lang: "en" } : {}, said ?? problem);
  }));
}

function sayAll() {
  const words = WORDS[language];
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = words[element.dataset.say];
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", button.dataset.language === language);
  draw();
}

function draw() {
  const words = WORDS[language];
  const verdict = $("verdict");
  verdict.className = "";
  $("result").replaceChildren();
  if (!files) {
    verdict.textContent = words.waiting;
  } else if (!report) {
    verdict.textContent = words.working;
  } else if (report.problems.length > 0) {
    verdict.className = "bad";
    verdict.textContent = words.bad(report.problems.length);
    $("result").append(make("h2", {}, words.problems), problemList(words));
    if (!report.isRead) $("result").append(make("p", {}, words.notCounted));
  } else {
    verdict.className = report.ownKey ? "" : "good";
    verdict.textContent = report.ownKey ? words.goodOwnKey(report) : words.good(report);
    $("result").append(make("h2", {}, words.shows), list(words.shown(report)), make("h2", {}, words.not), list(words.notShown(report)));
    $("result").append(make("p", {}, words.coverSame));
    drawCounts(words);
    drawEntries(words);
  }
}

function drawCounts(words) {
  const box = make("div", { class: "counts" });
  for (const [name, counts] of Object.entries(report.counts)) {
    if (Object.keys(counts).length > 0) box.append(table([words.tables[name], ""], Object.entries(counts)));
  }
  $("result").append(make("h2", {}, words.counts), box);
}

function clauses(entry, codes) {
  return (entry.clauses ?? []).filter((c) => c.effect !== EFFECTS[0])
    .map((c) => `${codes.name("clause", c.code)} ${c.effect}${c.unknown ? "?" : ""}`).join("\n");
}

function drawEntries(words) {
  const rows = report.rows.map(({ name, entry, fields, codes }) => [name, showMinute(entry.minute), entry.type, entry.decision ?? "", clauses(entry, codes),
    fields.filter((f) => f.value.length > 0).map((f) => `${f.name}: ${showField(f)}`).join("\n")]);
  const box = make("div");
  const find = make("input", { type: "text", "aria-label": words.find, placeholder: words.find });
  const fill = () => {
    const wanted = find.value.toLowerCase();
    const found = rows.filter((row) => !wanted || row.join("\n").toLowerCase().includes(wanted));
    box.replaceChildren(make("p", { class: "mute" }, words.some(Math.min(found.length, SHOWN), found.length)), table(words.columns, found.slice(0, SHOWN)));
  };
  find.addEventListener("input", fill);
  fill();
  $("result").append(make("h2", {}, words.entries), find, box);
}

async function verify() {
  if (!files) return;
  const mine = ++turn;
  report = null;
  draw();
  const bar = $("progress");
  bar.hidden = false;
  const found = await verifyBundle(files, $("key").value.trim(), async (done, all) => {
    bar.max = all;
    bar.value = done;
    await new Promise((resume) => setTimeout(resume));
  });
  if (mine !== turn) return; // another key or folder was chosen meanwhile
  bar.hidden = true;
  report = found;
  draw();
}

$("folder").addEventListener("change", async () => {
  const chosen = new Map();
  for (const file of $("folder").files) {
    // The first part is the folder's own name.
    const path = file.webkitRelativePath.split("/").slice(1).join("/") || file.name;
    chosen.set(path, new Uint8Array(await file.arrayBuffer()));
  }
  files = chosen;
  await verify();
});
$("key").addEventListener("change", verify);
$("ask").addEventListener("submit", (event) => event.preventDefault());
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    language = button.dataset.language;
    sayAll();
  });
}
sayAll();
