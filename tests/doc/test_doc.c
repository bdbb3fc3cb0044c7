/* Trees as promised, and a place in every complaint. */
#include "tests/test.h"

#include "base/limits.h"
#include "doc/doc.h"

enum { MEMORY_BYTES = 96 << 20 };
static unsigned char *memory;

struct read {
    struct doc doc;
    struct error e;
    enum error_code code;
};

static struct read read_text(str text, bool is_csv) {
    static unsigned char *halves[2];
    halves[0] = memory;
    halves[1] = memory + MEMORY_BYTES / 2;
    struct arena arena = arena_over(halves[0], MEMORY_BYTES / 2);
    struct arena scratch = arena_over(halves[1], MEMORY_BYTES / 2);
    struct read r = {0};
    r.code = is_csv ? doc_read_csv(STR("f.csv"), text, &arena, scratch, &r.doc, &r.e)
                    : doc_read_yaml(STR("f.yaml"), text, &arena, scratch, &r.doc, &r.e);
    return r;
}

/* A tree on one line: scalars as they are, quoted ones in quotes, maps in the order written. */
static void show(const struct doc_node *node, struct text *t) {
    if (node->kind == DOC_SCALAR) {
        text_format(t, node->quoted ? "'%.*s'" : "%.*s", STR_FMT(node->text));
        return;
    }
    text_add_c(t, node->kind == DOC_MAP ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0) text_add_c(t, " ");
        if (node->kind == DOC_MAP) text_format(t, "%.*s:", STR_FMT(node->keys[i]->text));
        show(node->items[i], t);
    }
    text_add_c(t, node->kind == DOC_MAP ? "}" : "]");
}

static void yaml_reads_to_trees(void **state) {
    static const struct {
        const char *name, *text, *tree;
    } rows[] = {
        {"nothing", "", ""},
        {"a comment alone", "# nothing\n", ""},
        {"scalar", "text", "text"},
        {"quotes are remembered", "a: \"NO\"\nb: NO", "{a:'NO' b:NO}"},
        {"order is kept", "b: 1\na: 2\n", "{b:1 a:2}"},
        {"flow and block", "a: [1, {b: c}]\nd:\n  - e\n", "{a:[1 {b:c}] d:[e]}"},
        {"several documents", "a: 1\n---\nb: 2\n", "{a:1} {b:2}"},
        {"an empty document is none", "---\n---\nb: 2\n", "{b:2}"},
        {"block text counts as quoted", "a: |\n  x\n  y\n", "{a:'x\ny\n'}"},
        {"JSON", "{\"a\": [1, true, null, \"x\"]}", "{a:[1 true null 'x']}"},
        {"byte order mark",
         "\xef\xbb\xbf"
         "a: 1",
         "{a:1}"},
        {"no value", "a:\n", "{a:}"},
        {"merge key is a key", "<<: x\n", "{<<:x}"},
        {"Japanese", "title: 青葉電力\n", "{title:青葉電力}"},
        {"a quote in a plain scalar", "- a is \"x\"\n", "[a is \"x\"]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct read r = read_text(str_from_c(rows[i].text), false);
        assert_row(rows[i].name, r.code == OK);
        char buffer[512];
        struct text t = text_into(buffer, sizeof buffer);
        for (size_t d = 0; d < r.doc.count; d++) {
            if (d > 0) text_add_c(&t, " ");
            show(r.doc.documents[d], &t);
        }
        assert_str(text_str(&t), str_from_c(rows[i].tree));
    }
}

/* What another program reads too: its tags and aliases are nobody's else, and a fault costs what stands behind it. */
static void count_fault(void *self, const struct error *why) {
    struct text *told = self;
    text_format(told, "%s\n", why->message);
}

static void yaml_of_other_programs_is_read_to_its_fault(void **state) {
    static const struct {
        const char *name, *text, *tree, *told;
    } rows[] = {
        {"anchors are passed over", "a: &x {b: 1}\nc: *x\n", "{a:{b:1} c:}", ""},
        {"tags that say what is plain", "a: !!str 1\n", "{a:1}", ""},
        {"a tag", "a: !vault |\n  x\nb: 1\n", "{a:'x\n' b:1}", ""},
        {"a damaged line", "a: {b: 1}\nc: [1, 2\nd: 3\n", "{a:{b:1} c:[1 2 d]}",
         "f.yaml:3:2: expected YAML, found: did not find expected ',' or ']' while parsing a flow "
         "sequence\n"},
        {"a key again", "a: 1\nb: 2\na: 3\n", "{a:1 b:2 a:3}",
         "f.yaml:3:1: expected each key once, found \"a\" again (line 1)\n"},
        {"a key that is no text", "a: 1\n? [x]\n: 2\nb: 3\n", "{a:1}",
         "f.yaml:2:3: expected a key that is text, found a list\n"},
        {"nothing that is YAML", "\t- a: {", "",
         "f.yaml:1:1: expected YAML, found: character that cannot start any token while "
         "scanning for the next token\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char shown[400], said[400];
        struct text t = text_into(shown, sizeof shown), told = text_into(said, sizeof said);
        struct arena arena = arena_over(memory, MEMORY_BYTES / 2);
        struct arena scratch = arena_over(memory + MEMORY_BYTES / 2, MEMORY_BYTES / 2);
        const struct doc_faults faults = {count_fault, &told};
        struct error e;
        struct doc doc;
        enum error_code code = doc_read_yaml_all(STR("f.yaml"), str_from_c(rows[i].text), &faults,
                                                 &arena, scratch, &doc, &e);
        if (code != OK) fail_msg("row \"%s\": %s", rows[i].name, e.message);
        for (size_t k = 0; k < doc.count; k++) show(doc.documents[k], &t);
        if (!str_equal(text_str(&t), str_from_c(rows[i].tree)))
            fail_msg("row \"%s\": got %.*s", rows[i].name, STR_FMT(text_str(&t)));
        if (!str_equal(text_str(&told), str_from_c(rows[i].told)))
            fail_msg("row \"%s\": told %.*s", rows[i].name, STR_FMT(text_str(&told)));
        bool wants_tag = strncmp(rows[i].name, "a tag", 6) == 0;
        if (wants_tag)
            assert_true(doc.documents[0]->items[0]->tagged && !doc.documents[0]->items[1]->tagged);
    }
}

static void complaints_name_the_place(void **state) {
    static const struct {
        const char *name, *text, *says;
        enum error_code code;
    } rows[] = {
        {"anchor", "a: &x 1\n", "f.yaml:1:4: expected a value, found an anchor", FAIL_SYNTAX},
        {"alias", "a: 1\nb: *x\n", "f.yaml:2:4: expected a value, found an alias", FAIL_SYNTAX},
        {"tag", "a: !!str 1\n", "f.yaml:1:4: expected a value, found a tag", FAIL_SYNTAX},
        {"tag on a list", "a: !x [1]\n", "f.yaml:1:4: expected a value, found a tag", FAIL_SYNTAX},
        {"directive", "%YAML 1.1\n---\na: 1\n", "directive", FAIL_SYNTAX},
        {"key twice", "a: 1\nb: 2\na: 3\n",
         "f.yaml:3:1: expected each key once, found \"a\" again (line 1)", FAIL_SYNTAX},
        {"key is a list", "? [a]\n: 1\n", "f.yaml:1:3: expected a key that is text, found a list",
         FAIL_SYNTAX},
        {"tab for indent", "a:\n\tb: 1\n", "f.yaml:2:1: expected YAML", FAIL_SYNTAX},
        {"found was said twice", "a: b\nc:\n\td: 1\n", "expected YAML, found: character",
         FAIL_SYNTAX},
        {"full-width colon was told on the line after it", "a: 1\nb： 2\nc: 3\n",
         "f.yaml:2:1: expected YAML, found: could not find expected ':' while scanning a simple "
         "key (full-width \"：\" is none of its signs)",
         FAIL_SYNTAX},
        {"full-width comma", "a: 1\nb: [\"x\"、\"y\"]\n", "(full-width \"、\"", FAIL_SYNTAX},
        {"full-width signs of another line", "a: 、\nb: [1 2\n", "flow sequence", FAIL_SYNTAX},
        {"open bracket", "a: [1, 2\n", "f.yaml:2:1: expected YAML", FAIL_SYNTAX},
        {"escaped NUL", "a: \"\\0\"\n", "f.yaml:1:4: expected text, found a NUL", FAIL_SYNTAX},
        {"not UTF-8", "a: 1\nb: \xff\n", "f.yaml:2:1: expected UTF-8", FAIL_SYNTAX},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct read r = read_text(str_from_c(rows[i].text), false);
        assert_row(rows[i].name, r.code == rows[i].code);
        if (strstr(r.e.message, rows[i].says) == NULL)
            fail_msg("row \"%s\": said \"%s\"", rows[i].name, r.e.message);
    }
    struct read r = read_text(STR("a: 1\nbc\0d: 2\n"), false);
    assert_int_equal(r.code, FAIL_SYNTAX);
    assert_string_equal(r.e.message, "f.yaml:2:3: expected text, found a NUL byte");
}

static void limits_hold_on_both_sides(void **state) {
    char deep[4 * LIMIT_DOC_DEPTH + 8];
    for (unsigned depth = LIMIT_DOC_DEPTH - 1; depth <= LIMIT_DOC_DEPTH; depth++) {
        /* `depth` lists with a scalar inside: depth + 1 levels */
        memset(deep, '[', depth);
        deep[depth] = 'x';
        memset(deep + depth + 1, ']', depth);
        struct read r = read_text(str_of(deep, 2 * depth + 1), false);
        assert_int_equal(r.code, depth < LIMIT_DOC_DEPTH ? OK : FAIL_LIMIT);
    }
    char *large = malloc(LIMIT_DOC_BYTES + 1);
    assert_non_null(large);
    memset(large, ' ', LIMIT_DOC_BYTES + 1);
    large[0] = '#';
    assert_int_equal(read_text(str_of(large, LIMIT_DOC_BYTES), false).code, OK);
    assert_int_equal(read_text(str_of(large, LIMIT_DOC_BYTES + 1), false).code, FAIL_LIMIT);
    /* over LIMIT_DOC_NODES values; the memory is too small for so many or the limit says no */
    for (size_t i = 0; i < LIMIT_DOC_BYTES; i += 2) memcpy(large + i, i == 0 ? "[a" : ",a", 2);
    struct read r = read_text(str_of(large, LIMIT_DOC_BYTES), false);
    assert_true(r.code == FAIL_LIMIT || r.code == FAIL_MEMORY);
    free(large);
}

static void small_memory_is_an_error(void **state) {
    str text = STR("a: [1, 2, {b: c}]\nd: \"e\"\n");
    for (size_t bytes = 0; bytes < 4096; bytes += 8) {
        unsigned char small[4096], other[4096];
        struct arena arena = arena_over(small, bytes), scratch = arena_over(other, bytes);
        struct doc doc;
        struct error e;
        enum error_code code = doc_read_yaml(STR("f"), text, &arena, scratch, &doc, &e);
        assert_true(code == OK || code == FAIL_MEMORY);
        if (bytes == 0) assert_int_equal(code, FAIL_MEMORY);
        if (bytes == 4088) assert_int_equal(code, OK);
    }
}

static void csv_reads_to_the_same_trees(void **state) {
    static const struct {
        const char *name, *text, *tree;
    } rows[] = {
        {"nothing", "", ""},
        {"a header alone", "id,country\n", "[]"},
        {"rows", "id,country\na,JP\nb,NO\n", "[{country:'JP' id:'a'} {country:'NO' id:'b'}]"},
        {"no line end", "id\na", "[{id:'a'}]"},
        {"CRLF", "id,x\r\na,1\r\n", "[{id:'a' x:'1'}]"},
        {"dots go into maps", "id,valid.from,valid.until\na,2026-01-01,\n",
         "[{id:'a' valid:{from:'2026-01-01'}}]"},
        {"empty says nothing", "id,x,y.z\na,,\n", "[{id:'a'}]"},
        {"quoted empty is said", "id,x\na,\"\"\n", "[{id:'a' x:''}]"},
        {"quotes", "id,x\na,\"b, \"\"c\"\"\nd\"\n", "[{id:'a' x:'b, \"c\"\nd'}]"},
        {"lists", "id,k[]\na,x; y;\n", "[{id:'a' k:['x' 'y']}]"},
        {"empty lines", "id\n\na\n\n", "[{id:'a'}]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct read r = read_text(str_from_c(rows[i].text), true);
        if (r.code != OK) fail_msg("row \"%s\": %s", rows[i].name, r.e.message);
        char buffer[512];
        struct text t = text_into(buffer, sizeof buffer);
        if (r.doc.count > 0) show(r.doc.documents[0], &t);
        assert_str(text_str(&t), str_from_c(rows[i].tree));
    }
    static const struct {
        const char *name, *text, *says;
    } bad[] = {
        {"fewer cells", "a,b\n1\n", "f.csv:2:1: expected 2 cells, found fewer"},
        {"more cells", "a,b\n1,2,3\n", "f.csv:2:3: expected 2 cells, found more"},
        {"semicolons made one column of all", "a;b\n1;2\n",
         "f.csv:1:2: expected a comma between cells, found \";\""},
        {"tabs made one column of all", "a\tb\n1\t2\n",
         "f.csv:1:2: expected a comma between cells"},
        {"field twice", "a,a\n1,2\n", "expected each field once"},
        {"field and map", "a,a.b\n1,2\n", "expected each field once"},
        {"quote inside", "a\nb\"c\n", "f.csv:2:2: expected a quote only"},
        {"open quote", "a\n\"b\n", "expected a closing quote"},
        {"text after quote", "a\n\"b\"c\n", "expected a comma or the end"},
        {"empty name", "a,\n1,2\n", "expected the name of a field"},
        {"two dots", "a..b\n1\n", "expected the name of a field"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct read r = read_text(str_from_c(bad[i].text), true);
        assert_row(bad[i].name, r.code == FAIL_SYNTAX);
        if (strstr(r.e.message, bad[i].says) == NULL)
            fail_msg("row \"%s\": said \"%s\"", bad[i].name, r.e.message);
    }
}

static struct read read_json(str text) {
    struct arena arena = arena_over(memory, MEMORY_BYTES / 2);
    struct arena scratch = arena_over(memory + MEMORY_BYTES / 2, MEMORY_BYTES / 2);
    struct read r = {0};
    r.code = doc_read_json(STR("f.json"), text, &arena, scratch, &r.doc, &r.e);
    return r;
}

static void json_reads_to_the_same_trees(void **state) {
    static const struct {
        const char *name, *text, *tree;
    } rows[] = {
        {"a map", " {\"b\" : [1, -0.5e+3, true, false, null, \"x\"], \"a\":{}}\r\n",
         "{b:[1 -0.5e+3 true false null 'x'] a:{}}"},
        {"tabs", "{\t\"a\":\t1,\n\t\"b\": []}", "{a:1 b:[]}"},
        {"a scalar alone", "\"\"", "''"},
        {"escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\/\b\f\n\r\t'"},
        {"code points of one to four bytes", "\"\\u0041\\u00e9\\u9752\\uD83D\\udce6\"",
         "'A\xc3\xa9\xe9\x9d\x92\xf0\x9f\x93\xa6'"},
        {"byte order mark", "\xef\xbb\xbf[0]", "[0]"},
        {"an exponent with leading zeros", "1e007", "1e007"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct read r = read_json(str_from_c(rows[i].text));
        if (r.code != OK) fail_msg("row \"%s\": said \"%s\"", rows[i].name, r.e.message);
        char buffer[512];
        struct text t = text_into(buffer, sizeof buffer);
        assert_int_equal(r.doc.count, 1);
        show(r.doc.documents[0], &t);
        assert_str(text_str(&t), str_from_c(rows[i].tree));
    }
    struct read r = read_json(STR("{\"é\": [1,\n  2]}"));
    const struct doc_node *list = r.doc.documents[0]->items[0];
    assert_int_equal(list->column, 7); /* characters, not bytes */
    assert_int_equal(list->items[1]->line, 2);
    assert_int_equal(list->items[1]->column, 3);
}

static void what_is_no_json_is_refused_with_its_place(void **state) {
    static const struct {
        const char *name, *text, *says;
    } rows[] = {
        {"nothing", "", "f.json:1:1: expected a value, found the end of the file"},
        {"YAML", "a: 1", "f.json:1:1: expected a value, found 'a'"},
        {"a key without quotes", "{a:1}", "f.json:1:2: expected a key in quotes, found 'a'"},
        {"single quotes", "['a']", "f.json:1:2: expected a value"},
        {"a comma too many", "[1,]", "f.json:1:4: expected a value, found ']'"},
        {"a comma too many in a map", "{\"a\":1,}", "f.json:1:8: expected a key in quotes"},
        {"no comma", "[1 2]", "f.json:1:4: expected a comma or ], found '2'"},
        {"no comma in a map", "{\"a\":1 \"b\":2}", "f.json:1:8: expected a comma or }"},
        {"no colon", "{\"a\" 1}", "f.json:1:6: expected a colon behind a key"},
        {"open", "[1", "f.json:1:3: expected a comma or ], found the end of the file"},
        {"an open text", "\"abc", "f.json:1:5: expected a \" at the end of a text"},
        {"a line break in a text", "\"a\nb\"",
         "f.json:1:3: expected a \" at the end of a text, found the byte 0x0a"},
        {"a backslash at the end", "\"\\", "f.json:1:3: expected one of"},
        {"an unknown escape", "\"\\x\"", "f.json:1:3: expected one of \" \\ / b f n r t u"},
        {"too few digits", "\"\\u12\"", "f.json:1:4: expected four hexadecimal digits"},
        {"a NUL", "\"\\u0000\"", "f.json:1:4: expected text without a NUL"},
        {"half a pair", "\"\\ud83d\"", "f.json:1:8: expected the second half"},
        {"the other half", "\"\\udce6\"", "f.json:1:8: expected the first half"},
        {"half a pair and a letter", "\"\\ud83d\\u0041\"", "f.json:1:8: expected the second"},
        {"a leading zero", "[01]", "f.json:1:3: expected a comma or ]"},
        {"a point alone", "[1.]", "f.json:1:4: expected digits behind the point"},
        {"an exponent alone", "[1e]", "f.json:1:4: expected digits of an exponent"},
        {"a plus", "[+1]", "f.json:1:2: expected a value"},
        {"not a number", "[NaN]", "f.json:1:2: expected a value"},
        {"a longer word", "[nullx]", "f.json:1:6: expected a comma or ]"},
        {"two values", "{} {}", "f.json:1:4: expected nothing behind the value, found '{'"},
        {"a key twice", "{\"a\":1,\n\"a\":2}",
         "f.json:2:1: expected each key once, found \"a\" again (line 1)"},
        {"not UTF-8", "[\"\xff\"]", "f.json:1:1: expected UTF-8"},
        {"a comment", "[1] // x", "f.json:1:5: expected nothing behind the value"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct read r = read_json(str_from_c(rows[i].text));
        assert_row(rows[i].name, r.code == FAIL_SYNTAX);
        if (strncmp(r.e.message, rows[i].says, strlen(rows[i].says)) != 0)
            fail_msg("row \"%s\": said \"%s\"", rows[i].name, r.e.message);
    }
}

static void json_stops_at_its_limits(void **state) {
    char deep[4 * LIMIT_DOC_DEPTH];
    for (unsigned depth = LIMIT_DOC_DEPTH; depth <= LIMIT_DOC_DEPTH + 1; depth++) {
        memset(deep, '[', depth);
        memset(deep + depth, ']', depth);
        struct read r = read_json(str_of(deep, (size_t)2 * depth));
        assert_int_equal(r.code, depth <= LIMIT_DOC_DEPTH ? OK : FAIL_LIMIT);
    }
    str text = STR("{\"a\": [1, 2, {\"b\": \"c\"}]}");
    for (size_t bytes = 0; bytes < 4096; bytes += 8) {
        unsigned char small[4096], other[4096];
        struct arena arena = arena_over(small, bytes), scratch = arena_over(other, bytes);
        struct doc doc;
        struct error e;
        enum error_code code = doc_read_json(STR("f"), text, &arena, scratch, &doc, &e);
        assert_true(code == OK || code == FAIL_MEMORY);
        if (bytes == 0) assert_int_equal(code, FAIL_MEMORY);
        if (bytes == 4088) assert_int_equal(code, OK);
    }
}

/* Parts of a large file: only the file begins with a byte order mark, a cell may begin with one anywhere. */
static void a_cell_of_a_later_part_keeps_its_first_character(void **state) {
    struct arena arena = arena_over(memory, MEMORY_BYTES / 2);
    struct arena scratch = arena_over(memory + MEMORY_BYTES / 2, MEMORY_BYTES / 2);
    char tree[200];
    struct text t = text_into(tree, sizeof tree - 1);
    struct doc doc;
    struct error e;
    str head = STR("\xef\xbb\xbf"
                   "id,n"),
        rows = STR("\xef\xbb\xbf"
                   "a,1\nb,2\n");
    assert_ok(doc_read_csv_part(STR("f.csv"), head, rows, 7, NULL, &arena, scratch, &doc, &e), &e);
    show(doc.documents[0], &t);
    tree[t.len] = 0;
    assert_string_equal(tree, "[{id:'\xef\xbb\xbf"
                              "a' n:'1'} {id:'b' n:'2'}]");
    assert_int_equal(doc.documents[0]->items[1]->line, 8);
}

static void codes_mean_themselves(void **state) {
    static const struct {
        const char *text;
        bool ambiguous;
    } rows[] = {{"JP", false},  {"NO", true},       {"no", true},   {"\"NO\"", false},
                {"on", true},   {"Off", true},      {"yes", true},  {"13", false},
                {"013", true},  {"\"013\"", false}, {"0", false},   {"0.5", false},
                {"null", true}, {"north", false},   {"'on'", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct read r = read_text(str_from_c(rows[i].text), false);
        assert_row(rows[i].text, r.code == OK);
        assert_row(rows[i].text, doc_is_ambiguous(r.doc.documents[0]) == rows[i].ambiguous);
        str code;
        assert_row(rows[i].text,
                   (doc_code(r.doc.documents[0], &code, &r.e) == OK) == !rows[i].ambiguous);
    }
    struct read r = read_text(STR("set: [SE, NO]"), false);
    str code;
    const struct doc_node *set = doc_map_find(r.doc.documents[0], STR("set"));
    assert_int_equal(doc_code(set->items[1], &code, &r.e), FAIL_SYNTAX);
    assert_string_equal(r.e.message, "f.yaml:1:11: expected text in quotes (\"NO\" if Norway is "
                                     "meant), found \"NO\"");
}

static void maps_are_looked_up(void **state) {
    struct read r = read_text(STR("b: 1\na: 2\nlist: [x]\nempty:\n"), false);
    const struct doc_node *map = r.doc.documents[0];
    const struct doc_node *found;
    uint64_t number;
    str text;
    static const str keys[] = {{"a", 1}, {"b", 1}, {"list", 4}};
    assert_ok(doc_map_get(map, STR("a"), &found, &r.e), &r.e);
    assert_ok(doc_u64(found, &number, &r.e), &r.e);
    assert_int_equal(number, 2);
    assert_null(doc_map_find(map, STR("c")));
    assert_null(doc_map_find(found, STR("c")));
    assert_int_equal(doc_map_get(map, STR("id"), &found, &r.e), FAIL_SYNTAX);
    assert_string_equal(r.e.message, "f.yaml:1:1: expected the key \"id\", found a map without it");
    assert_int_equal(doc_map_only(map, keys, COUNT_OF(keys), &r.e), FAIL_SYNTAX);
    assert_string_equal(r.e.message, "f.yaml:4:1: expected one of a, b, list, found \"empty\"");
    assert_int_equal(doc_text(doc_map_find(map, STR("list")), &text, &r.e), FAIL_SYNTAX);
    assert_string_equal(r.e.message, "f.yaml:3:7: expected text, found a list");
    assert_int_equal(doc_text(doc_map_find(map, STR("empty")), &text, &r.e), FAIL_SYNTAX);
}

/* ---- faults that are passed over ---- */

static char faults_told[1024];
static struct text faults;
static void fault(void *self, const struct error *why) {
    text_add_c(&faults, why->message);
    text_add_char(&faults, '\n');
}

/* One row with a comma too many took the whole file with it. */
static void a_row_of_other_cells_is_told_and_the_others_are_read(void **state) {
    static char tree_memory[1 << 20], rest_memory[1 << 20];
    struct arena arena = arena_over(tree_memory, sizeof tree_memory);
    const struct doc_faults told = {fault, NULL};
    struct doc doc;
    struct error e;
    faults = text_into(faults_told, sizeof faults_told);
    assert_ok(doc_read_csv_all(STR("f.csv"), STR("id,a\n1,x\n2\n3,x,y,\"z\nz\"\n4,x\n5,x,\n6,x"),
                               &told, &arena, arena_over(rest_memory, sizeof rest_memory), &doc,
                               &e),
              &e);
    assert_str(text_str(&faults), STR("f.csv:3:1: expected 2 cells, found fewer\n"
                                      "f.csv:4:3: expected 2 cells, found more\n"
                                      "f.csv:7:3: expected 2 cells, found more\n"));
    static const char *const ids[] = {"1", "4", "6"};
    assert_int_equal(doc.documents[0]->count, COUNT_OF(ids));
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        assert_str(doc_map_find(doc.documents[0]->items[i], STR("id"))->text, str_from_c(ids[i]));
}

/* Behind a quote out of place nobody knows what is a row; those before it went with it. */
static void rows_before_a_quote_out_of_place_are_read(void **state) {
    static char tree_memory[1 << 20], rest_memory[1 << 20];
    static const char *const broken[] = {"\"x", "x\"y\n4\n", "\"x\"y\n4\n"};
    struct arena arena = arena_over(tree_memory, sizeof tree_memory);
    const struct doc_faults told = {fault, NULL};
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct doc doc;
        struct error e;
        char csv[64];
        faults = text_into(faults_told, sizeof faults_told);
        snprintf(csv, sizeof csv, "id\n1\n2\n%s", broken[i]);
        assert_ok(doc_read_csv_all(STR("f.csv"), str_from_c(csv), &told, &arena,
                                   arena_over(rest_memory, sizeof rest_memory), &doc, &e),
                  &e);
        assert_row(broken[i], doc.documents[0]->count == 2);
        assert_row(broken[i], str_starts(text_str(&faults), STR("f.csv:4:")));
    }
}

int main(void) {
    memory = malloc(MEMORY_BYTES);
    assert_non_null(memory);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml_reads_to_trees),
        cmocka_unit_test(yaml_of_other_programs_is_read_to_its_fault),
        cmocka_unit_test(complaints_name_the_place),
        cmocka_unit_test(limits_hold_on_both_sides),
        cmocka_unit_test(small_memory_is_an_error),
        cmocka_unit_test(csv_reads_to_the_same_trees),
        cmocka_unit_test(a_cell_of_a_later_part_keeps_its_first_character),
        cmocka_unit_test(codes_mean_themselves),
        cmocka_unit_test(maps_are_looked_up),
        cmocka_unit_test(json_reads_to_the_same_trees),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
        cmocka_unit_test(json_stops_at_its_limits),
        cmocka_unit_test(a_row_of_other_cells_is_told_and_the_others_are_read),
        cmocka_unit_test(rows_before_a_quote_out_of_place_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
