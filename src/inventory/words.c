/* What headers and keys are known to mean, in English and Japanese; and the words for providers and
 * their zones. Headers are compared in lower case without spaces, '-', '_', '.', '/' and brackets. */
#include <stdlib.h>

#include "inventory/reading.h"

/* In the order of their bytes. */
static const struct word words[] = {
    {"accessipv4", INVENTORY_HOST, WANTS_ADDRESS},
    {"accessipv6", INVENTORY_HOST, WANTS_ADDRESS},
    {"account", INVENTORY_OWNER, WANTS_ANY},
    {"accountid", INVENTORY_OWNER, WANTS_ANY},
    {"addr", INVENTORY_HOST, WANTS_ADDRESS},
    {"address", INVENTORY_HOST, WANTS_ADDRESS},
    {"addresses", INVENTORY_HOST, WANTS_ADDRESS},
    {"agency", INVENTORY_OPERATOR, WANTS_ANY},
    {"ansibledefaultipv4", INVENTORY_HOST, WANTS_ADDRESS},
    {"ansiblehost", INVENTORY_HOST, WANTS_ANY},
    {"app", INVENTORY_SYSTEM, WANTS_ANY},
    {"application", INVENTORY_SYSTEM, WANTS_ANY},
    {"asset", INVENTORY_LABEL, WANTS_ANY},
    {"assetname", INVENTORY_LABEL, WANTS_ANY},
    {"availabilityzone", INVENTORY_REGION, WANTS_ANY},
    {"awsregion", INVENTORY_REGION, WANTS_ANY},
    {"az", INVENTORY_REGION, WANTS_ANY},
    {"bucket", INVENTORY_STORE, WANTS_ANY},
    {"bucketname", INVENTORY_STORE, WANTS_ANY},
    {"category", INVENTORY_KIND, WANTS_ANY},
    {"cidr", INVENTORY_HOST, WANTS_NETWORK},
    {"cidrs", INVENTORY_HOST, WANTS_NETWORK},
    {"class", INVENTORY_CLASS, WANTS_ANY},
    {"classification", INVENTORY_CLASS, WANTS_ANY},
    {"classname", INVENTORY_CLASS, WANTS_ANY},
    {"cloud", INVENTORY_PROVIDER, WANTS_ANY},
    {"cloudprovider", INVENTORY_PROVIDER, WANTS_ANY},
    {"company", INVENTORY_OPERATOR, WANTS_ANY},
    {"computername", INVENTORY_HOST, WANTS_ANY},
    {"contact", INVENTORY_OWNER, WANTS_ANY},
    {"country", INVENTORY_COUNTRY, WANTS_ANY},
    {"countrycode", INVENTORY_COUNTRY, WANTS_ANY},
    {"countryiso", INVENTORY_COUNTRY, WANTS_ANY},
    {"criticality", INVENTORY_CLASS, WANTS_ANY},
    {"csp", INVENTORY_PROVIDER, WANTS_ANY},
    {"data", INVENTORY_DATASET, WANTS_ANY},
    {"database", INVENTORY_DATASET, WANTS_ANY},
    {"datacenter", INVENTORY_REGION, WANTS_ANY},
    {"datacentre", INVENTORY_REGION, WANTS_ANY},
    {"datasensitivity", INVENTORY_CLASS, WANTS_ANY},
    {"dataset", INVENTORY_DATASET, WANTS_ANY},
    {"datasetid", INVENTORY_DATASET, WANTS_ANY},
    {"db", INVENTORY_DATASET, WANTS_ANY},
    {"displayname", INVENTORY_LABEL, WANTS_ANY},
    {"dns", INVENTORY_HOST, WANTS_ANY},
    {"dnsname", INVENTORY_HOST, WANTS_ANY},
    {"dnsnames", INVENTORY_HOST, WANTS_ANY},
    {"domain", INVENTORY_HOST, WANTS_ANY},
    {"domainname", INVENTORY_HOST, WANTS_ANY},
    {"endpoint", INVENTORY_HOST, WANTS_ANY},
    {"endpoints", INVENTORY_HOST, WANTS_ANY},
    {"externalip", INVENTORY_HOST, WANTS_ADDRESS},
    {"field", INVENTORY_SECTOR, WANTS_ANY},
    {"filesystem", INVENTORY_STORE, WANTS_ANY},
    {"fqdn", INVENTORY_HOST, WANTS_ANY},
    {"gcpregion", INVENTORY_REGION, WANTS_ANY},
    {"globalip", INVENTORY_HOST, WANTS_ADDRESS},
    {"host", INVENTORY_HOST, WANTS_ANY},
    {"hoster", INVENTORY_PROVIDER, WANTS_ANY},
    {"hosting", INVENTORY_PROVIDER, WANTS_ANY},
    {"hostingprovider", INVENTORY_PROVIDER, WANTS_ANY},
    {"hostname", INVENTORY_HOST, WANTS_ANY},
    {"hostnames", INVENTORY_HOST, WANTS_ANY},
    {"hosts", INVENTORY_HOST, WANTS_ANY},
    {"importance", INVENTORY_CLASS, WANTS_ANY},
    {"industry", INVENTORY_SECTOR, WANTS_ANY},
    {"instanceid", INVENTORY_LABEL, WANTS_ANY},
    {"internalip", INVENTORY_HOST, WANTS_ADDRESS},
    {"ip", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipaddr", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipaddress", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipaddresses", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipaddressv4", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipaddressv6", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipprefix", INVENTORY_HOST, WANTS_NETWORK},
    {"iprange", INVENTORY_HOST, WANTS_NETWORK},
    {"ips", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipv4", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipv4address", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipv4addresses", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipv6", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipv6address", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipv6addresses", INVENTORY_HOST, WANTS_ADDRESS},
    {"ipアドレス", INVENTORY_HOST, WANTS_ADDRESS},
    {"kind", INVENTORY_KIND, WANTS_ANY},
    {"label", INVENTORY_LABEL, WANTS_ANY},
    {"link", INVENTORY_HOST, WANTS_ANY},
    {"localip", INVENTORY_HOST, WANTS_ADDRESS},
    {"location", INVENTORY_REGION, WANTS_ANY},
    {"machine", INVENTORY_HOST, WANTS_ANY},
    {"managementip", INVENTORY_HOST, WANTS_ADDRESS},
    {"mgmtip", INVENTORY_HOST, WANTS_ADDRESS},
    {"name", INVENTORY_LABEL, WANTS_ANY},
    {"nation", INVENTORY_COUNTRY, WANTS_ANY},
    {"natip", INVENTORY_HOST, WANTS_ADDRESS},
    {"network", INVENTORY_HOST, WANTS_NETWORK},
    {"networkip", INVENTORY_HOST, WANTS_ADDRESS},
    {"networks", INVENTORY_HOST, WANTS_NETWORK},
    {"nodename", INVENTORY_HOST, WANTS_ANY},
    {"operator", INVENTORY_OPERATOR, WANTS_ANY},
    {"operatorid", INVENTORY_OPERATOR, WANTS_ANY},
    {"organisation", INVENTORY_OPERATOR, WANTS_ANY},
    {"organization", INVENTORY_OPERATOR, WANTS_ANY},
    {"owner", INVENTORY_OWNER, WANTS_ANY},
    {"ownerid", INVENTORY_OWNER, WANTS_ANY},
    {"placement", INVENTORY_REGION, WANTS_ANY},
    {"prefix", INVENTORY_HOST, WANTS_NETWORK},
    {"primaryip", INVENTORY_HOST, WANTS_ADDRESS},
    {"privatedns", INVENTORY_HOST, WANTS_ANY},
    {"privatednsname", INVENTORY_HOST, WANTS_ANY},
    {"privateip", INVENTORY_HOST, WANTS_ADDRESS},
    {"privateipaddress", INVENTORY_HOST, WANTS_ADDRESS},
    {"privateipaddresses", INVENTORY_HOST, WANTS_ADDRESS},
    {"privateips", INVENTORY_HOST, WANTS_ADDRESS},
    {"provider", INVENTORY_PROVIDER, WANTS_ANY},
    {"publicdns", INVENTORY_HOST, WANTS_ANY},
    {"publicdnsname", INVENTORY_HOST, WANTS_ANY},
    {"publicip", INVENTORY_HOST, WANTS_ADDRESS},
    {"publicipaddress", INVENTORY_HOST, WANTS_ADDRESS},
    {"publicipaddresses", INVENTORY_HOST, WANTS_ADDRESS},
    {"publicips", INVENTORY_HOST, WANTS_ADDRESS},
    {"region", INVENTORY_REGION, WANTS_ANY},
    {"resource", INVENTORY_LABEL, WANTS_ANY},
    {"resourcetype", INVENTORY_KIND, WANTS_ANY},
    {"responsible", INVENTORY_OWNER, WANTS_ANY},
    {"role", INVENTORY_KIND, WANTS_ANY},
    {"sector", INVENTORY_SECTOR, WANTS_ANY},
    {"sensitivity", INVENTORY_CLASS, WANTS_ANY},
    {"server", INVENTORY_HOST, WANTS_ANY},
    {"servername", INVENTORY_HOST, WANTS_ANY},
    {"servers", INVENTORY_HOST, WANTS_ANY},
    {"servertype", INVENTORY_KIND, WANTS_ANY},
    {"service", INVENTORY_SYSTEM, WANTS_ANY},
    {"servicename", INVENTORY_SYSTEM, WANTS_ANY},
    {"share", INVENTORY_STORE, WANTS_ANY},
    {"siteurl", INVENTORY_HOST, WANTS_ANY},
    {"storage", INVENTORY_STORE, WANTS_ANY},
    {"storageaccount", INVENTORY_STORE, WANTS_ANY},
    {"store", INVENTORY_STORE, WANTS_ANY},
    {"subnet", INVENTORY_HOST, WANTS_NETWORK},
    {"system", INVENTORY_SYSTEM, WANTS_ANY},
    {"systemid", INVENTORY_SYSTEM, WANTS_ANY},
    {"systemname", INVENTORY_SYSTEM, WANTS_ANY},
    {"target", INVENTORY_HOST, WANTS_ANY},
    {"targets", INVENTORY_HOST, WANTS_ANY},
    {"tenant", INVENTORY_OPERATOR, WANTS_ANY},
    {"type", INVENTORY_KIND, WANTS_ANY},
    {"uri", INVENTORY_HOST, WANTS_ANY},
    {"url", INVENTORY_HOST, WANTS_ANY},
    {"urls", INVENTORY_HOST, WANTS_ANY},
    {"vendor", INVENTORY_PROVIDER, WANTS_ANY},
    {"vmname", INVENTORY_HOST, WANTS_ANY},
    {"website", INVENTORY_HOST, WANTS_ANY},
    {"workload", INVENTORY_SYSTEM, WANTS_ANY},
    {"zone", INVENTORY_REGION, WANTS_ANY},
    {"アドレス", INVENTORY_HOST, WANTS_ADDRESS},
    {"エンドポイント", INVENTORY_HOST, WANTS_ANY},
    {"クラウド", INVENTORY_PROVIDER, WANTS_ANY},
    {"クラウド事業者", INVENTORY_PROVIDER, WANTS_ANY},
    {"グローバルip", INVENTORY_HOST, WANTS_ADDRESS},
    {"グローバルipアドレス", INVENTORY_HOST, WANTS_ADDRESS},
    {"サーバ", INVENTORY_HOST, WANTS_ANY},
    {"サーバー", INVENTORY_HOST, WANTS_ANY},
    {"サーバー名", INVENTORY_HOST, WANTS_ANY},
    {"サーバ名", INVENTORY_HOST, WANTS_ANY},
    {"サービス", INVENTORY_SYSTEM, WANTS_ANY},
    {"サービス名", INVENTORY_SYSTEM, WANTS_ANY},
    {"システム", INVENTORY_SYSTEM, WANTS_ANY},
    {"システム名", INVENTORY_SYSTEM, WANTS_ANY},
    {"ゾーン", INVENTORY_REGION, WANTS_ANY},
    {"データ", INVENTORY_DATASET, WANTS_ANY},
    {"データセット", INVENTORY_DATASET, WANTS_ANY},
    {"データセンタ", INVENTORY_REGION, WANTS_ANY},
    {"データセンター", INVENTORY_REGION, WANTS_ANY},
    {"ドメイン", INVENTORY_HOST, WANTS_ANY},
    {"ドメイン名", INVENTORY_HOST, WANTS_ANY},
    {"ネットワーク", INVENTORY_HOST, WANTS_NETWORK},
    {"ネットワークアドレス", INVENTORY_HOST, WANTS_NETWORK},
    {"バケット", INVENTORY_STORE, WANTS_ANY},
    {"プライベートip", INVENTORY_HOST, WANTS_ADDRESS},
    {"プライベートipアドレス", INVENTORY_HOST, WANTS_ADDRESS},
    {"プロバイダ", INVENTORY_PROVIDER, WANTS_ANY},
    {"プロバイダー", INVENTORY_PROVIDER, WANTS_ANY},
    {"ホスト", INVENTORY_HOST, WANTS_ANY},
    {"ホスト名", INVENTORY_HOST, WANTS_ANY},
    {"リージョン", INVENTORY_REGION, WANTS_ANY},
    {"事業者", INVENTORY_OPERATOR, WANTS_ANY},
    {"事業者名", INVENTORY_OPERATOR, WANTS_ANY},
    {"保存先", INVENTORY_STORE, WANTS_ANY},
    {"共有フォルダ", INVENTORY_STORE, WANTS_ANY},
    {"分野", INVENTORY_SECTOR, WANTS_ANY},
    {"区分", INVENTORY_KIND, WANTS_ANY},
    {"名前", INVENTORY_LABEL, WANTS_ANY},
    {"名称", INVENTORY_LABEL, WANTS_ANY},
    {"国", INVENTORY_COUNTRY, WANTS_ANY},
    {"国コード", INVENTORY_COUNTRY, WANTS_ANY},
    {"国名", INVENTORY_COUNTRY, WANTS_ANY},
    {"府省庁", INVENTORY_OPERATOR, WANTS_ANY},
    {"役割", INVENTORY_KIND, WANTS_ANY},
    {"情報資産", INVENTORY_DATASET, WANTS_ANY},
    {"所在国", INVENTORY_COUNTRY, WANTS_ANY},
    {"所有者", INVENTORY_OWNER, WANTS_ANY},
    {"担当", INVENTORY_OWNER, WANTS_ANY},
    {"担当者", INVENTORY_OWNER, WANTS_ANY},
    {"接続先", INVENTORY_HOST, WANTS_ANY},
    {"提供事業者", INVENTORY_PROVIDER, WANTS_ANY},
    {"提供者", INVENTORY_PROVIDER, WANTS_ANY},
    {"格付", INVENTORY_CLASS, WANTS_ANY},
    {"格付け", INVENTORY_CLASS, WANTS_ANY},
    {"業務", INVENTORY_SYSTEM, WANTS_ANY},
    {"業種", INVENTORY_SECTOR, WANTS_ANY},
    {"機器名", INVENTORY_LABEL, WANTS_ANY},
    {"機密度", INVENTORY_CLASS, WANTS_ANY},
    {"機密性", INVENTORY_CLASS, WANTS_ANY},
    {"機関", INVENTORY_OPERATOR, WANTS_ANY},
    {"用途", INVENTORY_KIND, WANTS_ANY},
    {"種別", INVENTORY_KIND, WANTS_ANY},
    {"種類", INVENTORY_KIND, WANTS_ANY},
    {"管理番号", INVENTORY_LABEL, WANTS_ANY},
    {"管理者", INVENTORY_OWNER, WANTS_ANY},
    {"組織", INVENTORY_OPERATOR, WANTS_ANY},
    {"設置国", INVENTORY_COUNTRY, WANTS_ANY},
    {"責任者", INVENTORY_OWNER, WANTS_ANY},
    {"資産名", INVENTORY_LABEL, WANTS_ANY},
    {"運用者", INVENTORY_OPERATOR, WANTS_ANY},
    {"重要度", INVENTORY_CLASS, WANTS_ANY},
};

enum { HEADER_BYTES = 64 }; /* longer headers than the longest word are none */

static str plain(str header, char out[HEADER_BYTES]) {
    size_t used = 0;
    for (size_t i = 0; i < header.len; i++) {
        char c = header.at[i];
        if (c != 0 && strchr(" _-.()/[]", c) != NULL) continue;
        if (used == HEADER_BYTES) return STR_EMPTY;
        out[used++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return str_of(out, used);
}

static int word_compare(const void *key, const void *row) {
    return str_compare(*(const str *)key, str_from_c(((const struct word *)row)->text));
}

const struct word *word_find(str header) {
    char memory[HEADER_BYTES];
    str key = plain(header, memory);
    return bsearch(&key, words, COUNT_OF(words), sizeof *words, word_compare);
}

const struct word *word_of(const struct reading *r, str header) {
    static const struct word named[INVENTORY_FIELD_COUNT] = {
        {"", INVENTORY_HOST, WANTS_ANY},     {"", INVENTORY_LABEL, WANTS_ANY},
        {"", INVENTORY_OPERATOR, WANTS_ANY}, {"", INVENTORY_PROVIDER, WANTS_ANY},
        {"", INVENTORY_REGION, WANTS_ANY},   {"", INVENTORY_COUNTRY, WANTS_ANY},
        {"", INVENTORY_SYSTEM, WANTS_ANY},   {"", INVENTORY_DATASET, WANTS_ANY},
        {"", INVENTORY_STORE, WANTS_ANY},    {"", INVENTORY_OWNER, WANTS_ANY},
        {"", INVENTORY_KIND, WANTS_ANY},     {"", INVENTORY_SECTOR, WANTS_ANY},
        {"", INVENTORY_CLASS, WANTS_ANY}};
    const struct inventory_options *options = r->options;
    for (size_t i = 0; i < options->column_count; i++)
        if (str_equal_nocase(str_trim(options->columns[i].header), str_trim(header)))
            return &named[options->columns[i].field];
    const struct word *word = word_find(header);
    /* A field whose column was named is not looked for elsewhere, but for hosts: there may be more. */
    for (size_t i = 0; word != NULL && i < options->column_count; i++)
        if (options->columns[i].field == word->field && word->field != INVENTORY_HOST) return NULL;
    return word;
}

/* ---- providers ---- */

str word_provider(str text) {
    static const struct {
        const char *word, *provider;
    } rows[] = {{"aws", "aws"},
                {"amazon", "aws"},
                {"amazon web services", "aws"},
                {"amazonaws", "aws"},
                {"azure", "azure"},
                {"azurerm", "azure"},
                {"microsoft azure", "azure"},
                {"gcp", "gcp"},
                {"google", "gcp"},
                {"google-beta", "gcp"},
                {"google cloud", "gcp"},
                {"google cloud platform", "gcp"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_equal_nocase(text, str_from_c(rows[i].word))) return str_from_c(rows[i].provider);
    return text;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_small(char c) {
    return c >= 'a' && c <= 'z';
}

/* "ap-northeast-1a" to "ap-northeast-1", "us-west-2-lax-1a" to "us-west-2-lax-1" (a local zone goes by that
 * in the lists); "asia-northeast1-a", as an URL too, to "asia-northeast1". */
str word_region(str provider, str zone) {
    str text = zone;
    size_t slash;
    while (str_find_char(text, '/', &slash)) text = str_skip(text, slash + 1);
    size_t n = text.len;
    if (str_equal(provider, STR("aws")) && n > 2 && is_small(text.at[n - 1]) &&
        is_digit(text.at[n - 2]))
        return str_slice(text, 0, n - 1);
    if (str_equal(provider, STR("gcp"))) {
        if (n > 3 && is_small(text.at[n - 1]) && text.at[n - 2] == '-' && is_digit(text.at[n - 3]))
            return str_slice(text, 0, n - 2);
        return text;
    }
    return zone;
}
