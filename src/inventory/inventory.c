/* The door: formats by name, recognising them, and who reads what. */
#include "inventory/inventory.h"

#include <stdio.h>

#include "inventory/ansible/estate.h"

static const struct {
    const char *name;
    enum error_code (*read)(struct reading *r);
    const char *expected;
} formats[INVENTORY_FORMAT_COUNT] = {
    [INVENTORY_ANY] = {"any", NULL, ""},
    [INVENTORY_LIST] = {"list", list_read, "a host, address, network or URL a line"},
    [INVENTORY_ZONE] = {"zone", zone_read, "a DNS master file with A, AAAA, CNAME, MX, NS or SRV"},
    [INVENTORY_CSV] = {"csv", csv_read, "rows with a host or an address"},
    [INVENTORY_JSON] = {"json", json_read, "texts or objects that name a host or an address"},
    [INVENTORY_ANSIBLE] = {"ansible", ansible_read,
                           "hosts and groups of Ansible, in INI, YAML or JSON"},
    [INVENTORY_CYCLONEDX] = {"cyclonedx", bom_read, "services with endpoints"},
    [INVENTORY_TERRAFORM] = {"terraform", terraform_read,
                             "a state of version 4 with resources that have addresses"},
    [INVENTORY_EC2] = {"ec2", ec2_read, "instances as aws ec2 describe-instances prints them"},
    [INVENTORY_KUBERNETES] = {"kubernetes", kubernetes_read,
                              "nodes as kubectl get nodes -o json or -o yaml prints them"},
};

const char *inventory_format_name(enum inventory_format format) {
    assert(format < INVENTORY_FORMAT_COUNT);
    return formats[format].name;
}

bool inventory_format_find(str name, enum inventory_format *out) {
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (str_equal(name, str_from_c(formats[i].name)))
            return *out = (enum inventory_format)i, true;
    return false;
}

static const char *const field_names[INVENTORY_FIELD_COUNT] = {
    "host",    "label", "operator", "provider", "region", "country", "system",
    "dataset", "store", "owner",    "kind",     "sector", "class"};

const char *inventory_field_name(enum inventory_field field) {
    assert(field < INVENTORY_FIELD_COUNT);
    return field_names[field];
}

bool inventory_field_find(str name, enum inventory_field *out) {
    for (size_t i = 0; i < COUNT_OF(field_names); i++)
        if (str_equal(name, str_from_c(field_names[i])))
            return *out = (enum inventory_field)i, true;
    return false;
}

/* ---- recognising ---- */

enum { GUESS_BYTES = 65536 };

static bool has(str text, const char *word) {
    size_t at;
    return str_find(text, str_from_c(word), &at);
}

/* Nodes of Kubernetes, and neither its pods nor its services. */
static bool is_nodes(str head) {
    static const char *const words[] = {"\"kind\": \"Node\"",     "\"kind\":\"Node\"",
                                        "\"kind\": \"NodeList\"", "\"kind\":\"NodeList\"",
                                        "kind: Node\n",           "kind: Node\r\n",
                                        "kind: NodeList"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (has(head, words[i])) return true;
    return false;
}

static enum inventory_format json_guess(str head) {
    if (has(head, "\"CycloneDX\"")) return INVENTORY_CYCLONEDX;
    if (has(head, "\"terraform_version\"") || has(head, "\"lineage\"")) return INVENTORY_TERRAFORM;
    if (has(head, "\"hostvars\"")) return INVENTORY_ANSIBLE;
    if (has(head, "\"all\"") && (has(head, "\"children\"") || has(head, "\"hosts\"")))
        return INVENTORY_ANSIBLE;
    if (has(head, "\"Reservations\"")) return INVENTORY_EC2;
    if (has(head, "\"apiVersion\"") && is_nodes(head)) return INVENTORY_KUBERNETES;
    return INVENTORY_JSON;
}

/* The first line that is no comment. */
static str line_first(str text) {
    str line;
    for (bool more = true; more;) {
        more = str_cut(&text, '\n', &line);
        str bare = str_trim(more ? line : text);
        if (str_ends(bare, STR("\r"))) bare.len--;
        if (bare.len > 0 && bare.at[0] != '#' && bare.at[0] != ';') return bare;
    }
    return STR_EMPTY;
}

static bool is_csv_head(str line) {
    size_t known = 0, cells = 0, i = 0;
    while (i <= line.len) {
        size_t end = i;
        while (end < line.len && strchr(",;\t", line.at[end]) == NULL) end++;
        str cell = str_trim(str_slice(line, i, end - i));
        if (str_starts(cell, STR("\"")) && str_ends(cell, STR("\"")) && cell.len > 1)
            cell = str_slice(cell, 1, cell.len - 2);
        known += word_find(cell) != NULL;
        cells++;
        i = end + 1;
    }
    return known > 0 && (cells > 1 || known == cells);
}

/* A record's type in front of what it says, with TTL and class before it. */
static bool is_zone_line(str line) {
    static const char *const types[] = {"SOA",   "A",   "AAAA", "NS", "MX",
                                        "CNAME", "SRV", "PTR",  "TXT"};
    if (str_starts(line, STR("$ORIGIN")) || str_starts(line, STR("$TTL"))) return true;
    size_t words = 0, i = 0;
    while (i < line.len && words < 5) {
        size_t end = i;
        while (end < line.len && line.at[end] != ' ' && line.at[end] != '\t') end++;
        str word = str_slice(line, i, end - i);
        for (size_t t = 0; words > 0 && end < line.len && t < COUNT_OF(types); t++)
            if (str_equal_nocase(word, str_from_c(types[t]))) return true;
        words += word.len > 0;
        i = end + 1;
    }
    return false;
}

/* An object, or an array of objects, texts or nothing; "[2001:db8::1]:443" is a line of a list. */
static bool is_json_head(str head) {
    size_t i = 0;
    while (i < head.len && (head.at[i] == ' ' || (head.at[i] >= '\t' && head.at[i] <= '\r'))) i++;
    if (i == head.len || (head.at[i] != '{' && head.at[i] != '[')) return false;
    if (head.at[i++] == '{' || i == head.len) return true;
    char next = head.at[i];
    return next == '{' || next == '"' || next == ']' || next == ' ' || next == '\n' || next == '\r';
}

/* As a key of YAML, and not the end of one ("extra_hosts:"). */
static bool has_key(str text, const char *key) {
    size_t at;
    while (str_find(text, str_from_c(key), &at)) {
        if (at == 0 || strchr(" \t\n{,\"'", text.at[at - 1]) != NULL) return true;
        text = str_skip(text, at + 1);
    }
    return false;
}

/* Sections, groups, or a host with its variables. */
static bool is_ansible(str file, str head, str first) {
    bool is_yaml =
        str_ends(file, STR(".yaml")) || str_ends(file, STR(".yml")) || ansible_is_yaml_line(first);
    str line, name, kind;
    if (is_yaml)
        return has_key(head, "hosts:") || has_key(head, "children:") || has_key(head, "plugin:");
    if (has(head, " ansible_host=") || has(head, " ansible_ssh_host=")) return true;
    for (bool more = true; more;) {
        more = str_cut(&head, '\n', &line);
        if (!more) line = head;
        if (str_ends(line, STR("\r"))) line.len--;
        if (ansible_section_read(line, &name, &kind)) return true;
    }
    return false;
}

enum inventory_format inventory_format_guess(str file, str bytes) {
    str head = str_slice(bytes, 0, GUESS_BYTES);
    if (str_starts(head, STR("\xef\xbb\xbf"))) head = str_skip(head, 3);
    if (str_ends(file, STR(".tfstate"))) return INVENTORY_TERRAFORM;
    if (str_ends(file, STR(".csv")) || str_ends(file, STR(".tsv"))) return INVENTORY_CSV;
    if (str_ends(file, STR(".zone"))) return INVENTORY_ZONE;
    if (str_ends(file, STR(".txt")) || str_ends(file, STR(".list"))) return INVENTORY_LIST;
    bool is_named_json = str_ends(file, STR(".json")) || str_ends(file, STR(".jsonl"));
    if (is_named_json || is_json_head(head)) return json_guess(head);
    str line = line_first(head);
    if (is_zone_line(line)) return INVENTORY_ZONE;
    if (has(head, "apiVersion: v1") && is_nodes(head)) return INVENTORY_KUBERNETES;
    if (is_ansible(file, head, line)) return INVENTORY_ANSIBLE;
    return is_csv_head(line) ? INVENTORY_CSV : INVENTORY_LIST;
}

/* ---- reading ---- */

/* Every second byte of the first ones is zero: `first` is which. */
static bool is_wide(str bytes, size_t first) {
    if (bytes.len < 8) return false;
    for (size_t i = 0; i < 8; i++)
        if ((bytes.at[i] == 0) != (i % 2 == first)) return false;
    return true;
}

static bool has_cr_alone(str text) {
    size_t at, next;
    return !str_find_char(text, '\n', &at) && str_find_char(text, '\r', &at) &&
           str_find_char(str_skip(text, at + 1), '\r', &next);
}

/* What people have at hand and is none of the formats, told as what it is, with what to do; NULL: none of it. */
static const char *foreign_of(str file, str bytes, enum inventory_format format, bool is_guess) {
    str head = str_slice(bytes, 0, GUESS_BYTES), line = line_first(head);
    bool is_lines = format == INVENTORY_LIST || format == INVENTORY_CSV;
    bool is_open = is_guess && format == INVENTORY_LIST &&
                   !(str_ends(file, STR(".txt")) || str_ends(file, STR(".list")));
    if (str_starts(bytes, STR("\xff\xfe")) || str_starts(bytes, STR("\xfe\xff")))
        return "UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`";
    if (is_wide(bytes, 1)) return "UTF-16: convert it with `iconv -f UTF-16LE -t UTF-8`";
    if (is_wide(bytes, 0)) return "UTF-16: convert it with `iconv -f UTF-16BE -t UTF-8`";
    if (str_starts(bytes, STR("PK\x03\x04")))
        return "a spreadsheet or an archive: save it as CSV in UTF-8";
    if (str_starts(bytes, STR("\x1f\x8b"))) return "a compressed file: unpack it with `gunzip`";
    if (is_lines && has_cr_alone(head))
        return "lines that end in CR alone: convert it with `tr '\\r' '\\n'`";
    if (is_guess && str_ends(file, STR(".tf")))
        return "what Terraform is to make: give what is there, as `terraform state pull` prints it";
    if (format == INVENTORY_TERRAFORM && has(head, "\"format_version\"") &&
        !has(head, "\"lineage\""))
        return "what `terraform show -json` prints: give what `terraform state pull` does";
    if (is_lines && (str_starts(line, STR("<?xml")) || str_starts(line, STR("<!DOCTYPE")) ||
                     str_starts(line, STR("<html"))))
        return "XML or HTML: give the hosts in it as a list, CSV or JSON";
    bool is_yaml = str_ends(file, STR(".yaml")) || str_ends(file, STR(".yml")) ||
                   str_equal(line, STR("---")) || str_ends(line, STR(":"));
    if (is_open && is_yaml)
        return "YAML that has no hosts as Ansible's inventories have: give a register with "
               "--register";
    return NULL;
}

enum error_code inventory_read(str file, str bytes, const struct inventory_options *options,
                               const struct inventory_sink *sink, struct arena *arena,
                               struct arena scratch, struct inventory_report *out,
                               struct error *e) {
    assert(options->format < INVENTORY_FORMAT_COUNT);
    bool is_guess = options->format == INVENTORY_ANY;
    enum inventory_format format = is_guess ? inventory_format_guess(file, bytes) : options->format;
    const char *foreign = foreign_of(file, bytes, format, is_guess);
    if (foreign != NULL)
        return error_set(e, FAIL_SYNTAX, "%.*s:1: expected %s in UTF-8, found %s", STR_FMT(file),
                         formats[format].expected, foreign);
    struct reading r = {.file = file,
                        .bytes =
                            str_starts(bytes, STR("\xef\xbb\xbf")) ? str_skip(bytes, 3) : bytes,
                        .options = options,
                        .sink = sink,
                        .arena = arena,
                        .scratch = scratch,
                        .line = 1,
                        .e = e};
    r.report.format = format;
    TRY(geo_problems_begin(&r.report.problems, arena, e));
    TRY(formats[r.report.format].read(&r));
    if (r.report.servers == 0 && r.report.problems.count > 0)
        return error_set(e, FAIL_SYNTAX, "%.*s", STR_FMT(r.report.problems.at[0]));
    if (r.report.servers == 0)
        return error_set(e, FAIL_SYNTAX, "%.*s: expected %s, found none", STR_FMT(file),
                         formats[r.report.format].expected);
    *out = r.report;
    return OK;
}
