// What is wrong, in Japanese. The verification says it in English; these are the sentences that damage, a file too many
// or too few, another key and a log left out bring up. One that is not here is shown as it was said.
const JA = [
  ["{}: other bytes than were signed", "{}：署名された内容と異なります"],
  ["{}: {} bytes, {} were signed", "{}：{} バイトあります。署名されたのは {} バイトです"],
  ["{}: it is missing", "{}：ありません"],
  ["{}: it is not among the files that were signed", "{}：署名されたファイルの一覧にありません"],
  ['key: "{}" is no verifier key: NAME+KEYID+BASE64 was expected', "鍵：「{}」は検証鍵の形式（名前+鍵番号+BASE64）ではありません"],
  ["key: a verifier key with a slip: its key id is {}, its bytes say {}", "鍵：検証鍵に写し誤りがあります。鍵番号は {} ですが、鍵の内容では {} です"],
  ["key: not signed by {} (key {})", "鍵：{}（鍵 {}）の署名がありません"],
  ["key: the signature of {} does not belong to these bytes", "鍵：{} の署名はこの目録のものではありません"],
  ["key: the bundle is of the log {}, the key of {}", "鍵：資料は台帳 {} のもの、鍵は {} のものです"],
  ["{}: the tree's tiles do not make the root that the checkpoint signs", "{}：木のタイルが、チェックポイントに署名されたルートになりません"],
  ["{}: the tree's tiles do not make the root that entry {} of {} names", "{}：木のタイルが、記録 {} 番（台帳 {}）に記されたルートになりません"],
  ["{}: its entries are not those of the tree", "{}：記録が台帳の木のものと異なります"],
  ["{}: the entries {} to {} are missing", "{}：{} 番から {} 番までの記録がありません"],
  ["{}: its first entries are missing", "{}：最初の記録がありません"],
  ["of the log {} {} entries are left, some perhaps of the period, and it is not in the bundle", "台帳 {} には {} 件が残っており、期間内の記録があるかもしれませんが、この資料に含まれていません"],
  ["{}: opened fields of another entry", "{}：開示項目が別の記録のものです"],
  ["{}: does not lead to the root", "{}：開示項目が記録の約束と合いません"],
  ["{}: by its time it is on the other side of the period's edge", "{}：時刻から見て、期間の境の反対側にあります"],
  ["cover.json: {}: it says {}, the entries say {}", "cover.json：{}：表紙では {}、記録では {} です"],
].map(([en, ja]) => ({ en, ja, pattern: new RegExp(`^${en.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("{}", "(.+?)")}$`) }));

/** [English, Japanese], {} for what is put in. */
export const KNOWN = JA.map(({ en, ja }) => [en, ja]);

/** undefined: nobody has written it in Japanese. */
export function inJapanese(problem) {
  for (const { ja, pattern } of JA) {
    const values = pattern.exec(problem)?.slice(1);
    if (values) return ja.replaceAll("{}", () => values.shift());
  }
  return undefined;
}
