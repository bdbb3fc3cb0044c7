// What the page says, in both languages. The same keys in each: tests/web holds them to it.
import { inJapanese } from "./problems.js";

const hasPast = (r) => r.lost.length > 0 || r.logs.some((log) => log.prefix);

export const WORDS = {
  en: {
    title: "Verify an Azekura bundle",
    folder: "1. Choose the folder of the bundle (the one this page lies in). Nothing leaves this computer.",
    key: "2. The public key you were given, by another way than this bundle",
    hint: "Without a key of yours, the page uses the one in the bundle: that shows that the parts belong together, not who made them.",
    waiting: "Nothing has been verified yet. Choose the folder of the bundle.",
    working: "Verifying …",
    good: (r) => `Everything holds: ${r.files} files, ${r.entries} entries of the period, ${r.opened} opened fields.`,
    goodOwnKey: (r) => `The parts belong together: ${r.files} files, ${r.entries} entries of the period, ${r.opened} opened fields. Whose they are is not shown: no key was given.`,
    bad: (count) => `Not verified: ${count === 1 ? "one thing is" : `${count} things are`} wrong.`,
    problems: "What is wrong",
    problem: (text) => text,
    notCounted: "The numbers of the cover sheet were not held against the entries: not all of those could be read.",
    shows: "What this shows",
    shown: (r) => [
      `The log ${r.manifest.origin} had ${r.checkpoint.size} entries when its head was signed; ${r.manifest.end > r.manifest.first ? `those from ${r.manifest.first} to ${r.manifest.end - 1} are of this period and all of them are here, none is left out and none is changed.` : "none of them is of this period."}`,
      ...r.logs.filter((log) => log.prefix).map((log) =>
        `Before it came the log ${log.origin}, as the log after it says: ${log.log.size} entries are left of ${Math.max(log.known, log.log.size)} that were known. ${log.end > log.first ? `Those from ${log.first} to ${log.end - 1} are of this period and all that are left of them are here.` : "None of them is of this period."}${log.checkpoint === undefined ? "" : ` Its own last checkpoint, of ${log.checkpoint} entries, does not contradict.`}`),
      ...r.lost.map((log) => `Before it also came the log ${log.origin}, as the log after it says: ${log.known} entries were known, and none is left.`),
      r.cosigned.length > 0 ? `The head also bears signatures of: ${r.cosigned.join(", ")} (not checked on this page; azekura-verify --policy does).` : "The head is signed by the operator alone: another history could have been shown to somebody else.",
      "Each opened field is the one that was committed to when the entry was written.",
    ],
    not: "What it does not show",
    notShown: (r) => [
      "That a declared fact is true.", "That no other copy exists.", "That nobody with full rights on the machine went round the program.",
      ...(r.isOpen ? ["That the period begins and ends where the manifest says: a bundle of format 1 may lack the entries beside it."] : []),
      ...(hasPast(r) ? ["What stood in entries of earlier logs that were lost, nor that they were lost by accident: how far such a log went is the word of the log after it."] : []),
    ],
    coverSame: "The numbers of the cover sheet are those of the entries.",
    counts: "Counted from the entries",
    tables: { type: "Kind of entry", decision: "Decision", act: "Act", sector: "Sector", class: "Class of data", clause: "Clause and effect", unknown: "Clause that read an unknown fact", site: "Site", rules: "Set of adopted rules (SHA-256)" },
    entries: "Entries of the period",
    columns: ["No.", "Minute (UTC)", "Kind", "Decision", "Clauses", "Opened"],
    find: "Find in entries",
    some: (shown, all) => `${shown} of ${all} shown`,
  },
  ja: {
    title: "Azekura 検査資料の検証",
    folder: "1. 検査資料のフォルダー（この頁が入っているフォルダー）を選んでください。内容がこのコンピューターの外に出ることはありません。",
    key: "2. この資料とは別の経路で受け取った公開鍵",
    hint: "鍵を入力しない場合は資料に書かれた鍵を使います。その場合に分かるのは各部分が互いに合っていることだけで、誰が作ったかは分かりません。",
    waiting: "まだ何も検証されていません。検査資料のフォルダーを選んでください。",
    working: "検証しています……",
    good: (r) => `すべて合っています：ファイル ${r.files} 件、期間内の記録 ${r.entries} 件、開示項目 ${r.opened} 件。`,
    goodOwnKey: (r) => `各部分は互いに合っています：ファイル ${r.files} 件、期間内の記録 ${r.entries} 件、開示項目 ${r.opened} 件。鍵が入力されていないため、誰のものかは示されていません。`,
    bad: (count) => `検証できません：${count} 件の誤りがあります。`,
    problems: "誤り",
    problem: inJapanese,
    notCounted: "記録をすべて読むことができなかったため、表紙の数字は記録と照合していません。",
    shows: "この検証で示されること",
    shown: (r) => [
      `台帳 ${r.manifest.origin} は、先頭に署名された時点で ${r.checkpoint.size} 件の記録を持っていました。${r.manifest.end > r.manifest.first ? `${r.manifest.first} 番から ${r.manifest.end - 1} 番までがこの期間の記録で、そのすべてがここにあり、欠けたものも変えられたものもありません。` : "この期間の記録はありません。"}`,
      ...r.logs.filter((log) => log.prefix).map((log) =>
        `その前には台帳 ${log.origin} があったと、次の台帳が記しています。既知の ${Math.max(log.known, log.log.size)} 件のうち ${log.log.size} 件が残っています。${log.end > log.first ? `${log.first} 番から ${log.end - 1} 番までがこの期間の記録で、残っているもののすべてがここにあります。` : "この期間の記録はありません。"}${log.checkpoint === undefined ? "" : `その台帳自身の最後のチェックポイント（${log.checkpoint} 件）とも矛盾しません。`}`),
      ...r.lost.map((log) => `その前には台帳 ${log.origin} もあったと、次の台帳が記しています。既知の記録は ${log.known} 件で、一件も残っていません。`),
      r.cosigned.length > 0 ? `先頭には次の署名もあります：${r.cosigned.join("、")}（この頁では確かめません。azekura-verify --policy で確かめられます）。` : "先頭に署名しているのは事業者だけです。別の人に別の履歴が示されていた可能性は残ります。",
      "開示された項目は、いずれも記録が書かれた時に約束された値そのものです。",
    ],
    not: "示されないこと",
    notShown: (r) => [
      "申告された事実が正しいこと。", "ほかに複製が存在しないこと。", "機械の全権限を持つ者がプログラムを迂回しなかったこと。",
      ...(r.isOpen ? ["期間が目録の示すところで始まり、終わること：形式 1 の資料には期間の前後の記録がないことがあります。"] : []),
      ...(hasPast(r) ? ["以前の台帳から失われた記録に何が書かれていたか、また事故で失われたこと：その台帳がどこまで続いていたかは、次の台帳がそう記しているだけです。"] : []),
    ],
    coverSame: "表紙の数字は記録の数字と一致しています。",
    counts: "記録から数えた件数",
    tables: { type: "記録の種類", decision: "判定", act: "行為", sector: "分野", class: "データの区分", clause: "条項と効果", unknown: "不明な事実を参照した条項", site: "拠点", rules: "採択規則（SHA-256）" },
    entries: "期間内の記録",
    columns: ["番号", "時刻（UTC、分）", "種類", "判定", "条項", "開示項目"],
    find: "記録から探す",
    some: (shown, all) => `全 ${all} 件中 ${shown} 件を表示`,
  },
};
