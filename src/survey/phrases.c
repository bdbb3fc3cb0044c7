/* What evidence, conflicts and reasons say, in Japanese.
 *
 * A survey's files say it in English, once, and are read again by merges and differences that know nothing but the
 * sentence; so the sentence is what is looked up, as with message catalogues. A sentence with other words between its
 * fixed ones fits the first row whose fixed words it has, in their order. What fits no row stays as it is:
 * tests/survey/test_phrases.c sees to it that all fit. */
#include "survey/survey.h"

enum { PLACES = 7 };

static const struct {
    const char *en, *ja; /* {1} to {6}: what stands there in this sentence */
} phrases[] = {
    /* who says so */
    {"the inventory", "台帳"},
    {"the register", "登録簿"},
    {"the name", "名前"},
    {"the command line", "コマンド行"},
    /* conflicts */
    {"{1} says operator {2}, {3} says {4}", "運用者：{1}は{2}、{3}は{4}"},
    {"{1} says provider {2}, {3} says {4}", "事業者：{1}は{2}、{3}は{4}"},
    {"{1} says region {2}, {3} says {4}", "リージョン：{1}は{2}、{3}は{4}"},
    {"{1} says class {2}, {3} says {4}", "区分：{1}は{2}、{3}は{4}"},
    {"{1} says sector {2}, {3} says {4}", "分野：{1}は{2}、{3}は{4}"},
    {"{1} says country {2}, {3} says {4}", "国：{1}は{2}、{3}は{4}"},
    {"{1} says {2}, {3} says {4}", "{1}は{2}、{3}は{4}"},
    /* law and owners */
    {"who controls {1} sits there", "{1}を支配する者がそこに所在する"},
    {"{1}, which controls {2}, sits there", "{2}を支配する{1}がそこに所在する"},
    {"{1} sits there", "{1}がそこに所在する"},
    {"the register says its law reaches {1}", "登録簿によればその国の法が{1}に及ぶ"},
    {"{1} sits in {2}, its parent in {3}", "{1}は{2}に、その親会社は{3}に所在する"},
    {"{1} sits in {2}", "{1}は{2}に所在する"},
    {"run by {1}", "{1}が運用する"},
    {"nearly all that {1} announces is said to be there",
     "{1}の経路のほぼすべてがその国にあるとされる"},
    {"announced by nobody", "経路を広告する者がない"},
    {"announced by {1}", "{1}が経路を広告する"},
    {"not announced, and {1} announces both sides of it",
     "経路は広告されていないが、{1}がその両隣を広告する"},
    /* address data */
    {"{1}, though its owner sits elsewhere, and may mean Hong Kong",
     "{1}。所有者は別の国に所在する。香港を指すのかもしれない"},
    {"{1}, though its owner sits elsewhere", "{1}。所有者は別の国に所在する"},
    {"{1}, where its owner sits, which may be all they know",
     "{1}。所有者の所在国にすぎないかもしれない"},
    {"{1}, where its owner sits, who runs regions in other countries too",
     "{1}。所有者の所在国だが、所有者は他の国にもリージョンを持つ"},
    {"{1}, where its owner sits", "{1}。所有者の所在国でもある"},
    {"{1}, as nearly all of its network", "{1}。その網のほぼすべてと同じ"},
    {"{1}, its owner is not known", "{1}。所有者は分からない"},
    {"no address data name a country for it", "どのアドレスデータにも国の記載がない"},
    {"listed by {1} without a region", "{1}の一覧にあるが、リージョンの記載がない"},
    {"announced from many places", "多数の場所から広告されている"},
    {"in network {1} at site {2}", "拠点{2}のネットワーク{1}内"},
    {"in network {1}", "ネットワーク{1}内"},
    {"a {1} address: nobody outside can say where it is",
     "{1}アドレス：どこにあるか外からは分からない"},
    {"private", "プライベート"},
    {"loopback", "ループバック"},
    {"shared", "共有（CGN）"},
    {"link-local", "リンクローカル"},
    {"documentation", "文書用"},
    {"multicast", "マルチキャスト"},
    {"reserved", "予約"},
    /* names */
    {"{1} is a name of {2}, with no region in it", "{1}は{2}の名前だが、リージョンを含まない"},
    {"{1}: a distributor of {2} answers, and what is behind it may be anywhere",
     "{1}：{2}の配信網が応答する。その背後はどこにあってもおかしくない"},
    {"{1}: a balancer of {2} answers, and may send others elsewhere",
     "{1}：{2}の負荷分散装置が応答する。他の利用者は別の場所に送られうる"},
    {"its reverse name {1} is {2}'s, who does not announce it",
     "逆引き名{1}は{2}のものだが、経路を広告するのは{2}ではない"},
    {"\"{1}\" in {2}, its reverse name", "逆引き名{2}に含まれる「{1}」"},
    {"\"{1}\" in {2}", "{2}に含まれる「{1}」"},
    {"{1} ({2}) in {3}", "{3}に含まれる{1}（{2}）"},
    {"{1}, site {2}", "{1}、拠点{2}"},
    /* probes */
    {"no answer to {1} connections to port {2} of {3}", "{3}のポート{2}は{1}回の接続に応答しない"},
    {"no answer to {1} connections to port {2}", "ポート{2}は{1}回の接続に応答しない"},
    {"somebody on the way answers for others, even for an address that nobody has: how far the "
     "machine is is not known",
     "途中の装置が代わりに応答している（誰も持たないアドレスでも応答があった）：機器までの距離は分"
     "からない"},
    {"whoever answered is within {1} of here over fibre",
     "応答した機器は光ファイバーの距離でここから{1}以内"},
    {"the one of its places that answered is within {1} of here over fibre",
     "複数の場所のうち応答した一つは光ファイバーの距離でここから{1}以内"},
    {"whoever answered is within {1} of {2} (known to {3}) over fibre",
     "応答した機器は光ファイバーの距離で{2}（誤差{3}）から{1}以内"},
    {"the one of its places that answered is within {1} of {2} (known to {3}) over fibre",
     "複数の場所のうち応答した一つは光ファイバーの距離で{2}（誤差{3}）から{1}以内"},
    {"no country is so near, so it is not there that probes start, and none is excluded",
     "そこまで近い国はない。測定の起点の記載が誤っているので、どの国も除外しない"},
    {"only {1} is so near", "そこまで近いのは{1}のみ"},
    {"only {1} are so near", "そこまで近いのは{1}のみ"},
    {"{1} of {2} countries are so near", "{2}か国のうち{1}か国がそこまで近い"},
    {"port {1} of {2} answered {3} of {4} connections, the fastest in {5}",
     "{2}のポート{1}は{4}回の接続のうち{3}回に応答、最短は{5}"},
    {"certificate for {1}, issued by {2}", "{1}の証明書、発行者は{2}"},
    {"a distributor answered ({1}), and what is behind it may be anywhere",
     "配信網が応答した（{1}）。その背後はどこにあってもおかしくない"},
    /* what was not given */
    {"no address data were given: of an address that no list names nothing is known",
     "アドレスデータの指定がない：一覧にないアドレスについては何も分からない"},
    {"no data of autonomous systems were given: who announces an address is not known, nor whether "
     "address data only "
     "repeat where its owner sits",
     "自律システムのデータの指定がない：アドレスの経路を誰が広告するか、アドレスデータが所有者の所"
     "在国を述べるにすぎないかは分からない"},
    {"nobody says where this machine stands, so round trips bound distances and exclude no "
     "country: give --vantage "
     "LAT,LON or --vantage SITE",
     "この機器の所在の指定がないため、往復時間は距離を限るだけで国を除外しない：--vantage LAT,LON "
     "か --vantage SITE を指定すること"},
    /* why there is no address */
    {"no such name (NXDOMAIN)", "名前が存在しない（NXDOMAIN）"},
    {"the name has no address", "名前にアドレスがない"},
    {"the resolver failed (SERVFAIL)", "リゾルバが失敗した（SERVFAIL）"},
    {"the resolver refused (REFUSED)", "リゾルバが拒否した（REFUSED）"},
    {"the resolver did not answer in time", "リゾルバが時間内に応答しなかった"},
    {"nobody listens at the resolver's address", "リゾルバのアドレスで応答する者がない"},
    {"what the resolver sent is no answer", "リゾルバの返したものは応答になっていない"},
    {"its aliases (CNAME) lead back, or are too many", "別名（CNAME）が循環しているか、多すぎる"},
    {"no name that can be asked for", "問い合わせられる名前ではない"},
    {"no resolver was asked", "リゾルバに問い合わせていない"},
    {"it has neither a host name nor an address", "ホスト名もアドレスもない"},
    {"the register names no host of this dataset", "登録簿にこのデータセットのホストの記載がない"},
};

struct fitting {
    str at[PLACES];
};

/* The fixed words of a row up to its next place; *place: which, 0 at the end. */
static str words_next(str *row, unsigned *place) {
    size_t end = 0;
    while (end < row->len && row->at[end] != '{') end++;
    str words = str_slice(*row, 0, end);
    *place = end < row->len ? (unsigned)(row->at[end + 1] - '0') : 0;
    *row = str_skip(*row, end + (*place > 0 ? 3 : 0));
    return words;
}

static bool fits(str row, str sentence, struct fitting *out) {
    unsigned place = 0, next;
    for (bool is_begun = false;; is_begun = true) {
        str words = words_next(&row, &next);
        size_t at = 0;
        bool is_last = next == 0 && words.len == 0;
        if (place == 0 && !str_starts(sentence, words)) return false;
        if (place > 0 && is_last) at = sentence.len;
        if (place > 0 && !is_last && !str_find(sentence, words, &at)) return false;
        if (is_begun && at == 0) return false; /* a place holds something */
        out->at[place] = str_slice(sentence, 0, at);
        sentence = str_skip(sentence, at + words.len);
        if (next == 0) return sentence.len == 0;
        place = next;
    }
}

static void fill(str row, const struct fitting *fitting, unsigned depth, struct text *out);

static bool write(str english, unsigned depth, struct text *out) {
    struct fitting fitting;
    for (size_t i = 0; i < COUNT_OF(phrases); i++) {
        if (!fits(str_from_c(phrases[i].en), english, &fitting)) continue;
        fill(str_from_c(phrases[i].ja), &fitting, depth, out);
        return true;
    }
    text_add(out, english);
    return false;
}

/* Within a sentence only words that have no places are looked up: names stay names. */
static void fill(str row, const struct fitting *fitting, unsigned depth, struct text *out) {
    for (unsigned place = 1; place > 0;) {
        text_add(out, words_next(&row, &place));
        if (place == 0) return;
        str inner = fitting->at[place];
        bool is_word = false;
        for (size_t i = 0; depth == 0 && i < COUNT_OF(phrases); i++)
            is_word = is_word || str_equal(inner, str_from_c(phrases[i].en));
        if (is_word)
            (void)write(inner, depth + 1, out); /* it is there */
        else
            text_add(out, inner);
    }
}

/* A sentence, or several that stand in a row: "…; only JP is so near; port 443 …". */
static bool sentences_write(str english, struct text *out) {
    struct fitting ignored;
    size_t at;
    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        if (fits(str_from_c(phrases[i].en), english, &ignored)) return write(english, 0, out);
    bool is_known = false;
    while (str_find(english, STR("; "), &at)) {
        is_known = write(str_slice(english, 0, at), 0, out) || is_known;
        text_add_c(out, "；");
        english = str_skip(english, at + 2);
    }
    return write(english, 0, out) || is_known;
}

str survey_phrase(str english, str language, char *memory, size_t cap) {
    struct text text = text_into(memory, cap);
    if (!str_equal(language, STR("ja"))) return english;
    return sentences_write(english, &text) && !text.overflow ? text_str(&text) : english;
}
