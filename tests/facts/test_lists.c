/* Who stands on lists: the spellings that registries have, and the names that only look alike. And
 * what is computed from entities and transfers for the rules that ask for it. */
#include "facts/facts.h"
#include "tests/test.h"

static char memory[64 << 20], scratch_memory[64 << 20];
static struct arena arena, scratch;
static struct register_snapshot *snapshot;
static struct facts_world *world;
static int64_t now;

static void begin(void) {
    arena = arena_over(memory, sizeof memory);
    scratch = arena_over(scratch_memory, sizeof scratch_memory);
    assert_true(clock_iso_read(STR("2026-11-21"), &now));
}

static void world_open(const struct register_text *texts, size_t count,
                       const struct rulebook_set *rules) {
    struct error e = {0};
    assert_ok(register_load_texts(texts, count, &snapshot, NULL, &e), &e);
    struct facts_world_options options = {.snapshot = snapshot, .rules = rules, .at_ns = now};
    assert_ok(facts_world_open(&options, &world, &e), &e);
}
static void world_close(void) {
    facts_world_close(world);
    register_release(snapshot);
}

/* ---- folding ---- */

static const struct {
    const char *a, *b;
    bool same;
} pairs[] = {
    /* as registries and statutes spell them */
    {"Huawei Technologies Company", "HUAWEI TECHNOLOGIES CO.,LTD", true},
    {"Huawei Technologies Company", "Huawei Technologies Co., Ltd.", true},
    {"ZTE Corporation", "zte corporation", true},
    {"ZTE Corporation", "ZTE", true},
    {"Hytera Communications Corporation", "Hytera Communications Co .,ltd", true},
    {"Hytera Communications Corporation", "Hytera Communications Corporation Limited", true},
    {"Zhejiang Dahua Technology Co., Ltd.", "ZHEJIANG DAHUA TECHNOLOGYCO.,LTD", true},
    {"Autel Intelligent Technology Corp.,Ltd", "Autel lntelligent Technology Corp.,Ltd", true},
    {"Autel Robotics USA LLC", "AUTEL ROBOTICS USA L.L.C.", true},
    {"Example SpA", "EXAMPLE S.p.A.", true},
    {"Prama Hikvision India Private Limited", "Prama Hikvision India Pvt. Ltd.", true},
    {"Huawei Technologies Co., Ltd.", "Ｈｕａｗｅｉ　Ｔｅｃｈｎｏｌｏｇｉｅｓ　Ｃｏ．，Ｌｔｄ．",
     true},
    {"华为技术有限公司", "华为技术", true},
    {"株式会社日立", "日立株式会社", true},
    {"㈱日立", "日立（株）", true},
    {"AO Kaspersky Lab", "AO  KASPERSKY-LAB", true},
    {"Société Générale", "SOCIÉTÉ GÉNÉRALE SA", true},
    {"10 Gbit Co., Ltd.", "IO Gbit", true}, /* the price of reading l, I and 1 alike */
    /* names that only look alike: measured in the registry */
    {"Hangzhou Yushu Technology Co., Ltd.", "Kyushu Electric Power Co., Inc.", false},
    {"Autel Robotics USA LLC", "Nautel LTD", false},
    {"Autel Robotics USA LLC", "Beijing Autelan Technology Co.,Ltd", false},
    {"Autel Robotics USA LLC", "Autelis, LLC", false},
    {"Hangzhou Hikvision Digital Technology Co.,Ltd.", "Zhejiang Hikailink Technology Co., Ltd",
     false},
    {"ZHONGXING TELECOM LTD.", "Wuxi Zhongxing Optoelectronics Technology Co.,Ltd.", false},
    {"Zhejiang Dahua Technology Co., Ltd.", "Shanghai Dahua Scale Factory", false},
    {"Huawei Technologies Co., Ltd.", "Honor Device Co., Ltd.", false},
    {"Huawei Device Co., Ltd.", "Huawei Technologies Co., Ltd.", false},
    {"TP-LINK TECHNOLOGIES CO.,LTD.", "TP-Link Systems Inc", false},
    {"Lorex Technology Inc.", "JOREX LOREX INDIA PRIVATE LIMITED", false},
    {"Kaspersky Lab, Inc.", "AO Kaspersky Lab", false},
    {"ZTE Corporation", "ZTEsoft Technology Co., Ltd.", false},
    /* what is all of a kind of company, or nothing */
    {"Co., Ltd.", "Inc.", false},
    {"", "", false},
    {"...", "Huawei", false},
};

static bool same_name(const char *a, const char *b) {
    struct register_name x, y;
    struct error e = {0};
    assert_ok(register_name_fold(str_from_c(a), &arena, &x, &e), &e);
    assert_ok(register_name_fold(str_from_c(b), &arena, &y, &e), &e);
    for (size_t i = 0; i < x.count; i++)
        for (size_t k = 0; k < y.count; k++)
            if (str_equal(x.keys[i], y.keys[k])) return true;
    return false;
}

static void each_spelling_is_told_from_its_look_alikes(void **state) {
    begin();
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (same_name(pairs[i].a, pairs[i].b) == pairs[i].same) continue;
        fail_msg("\"%s\" and \"%s\"", pairs[i].a, pairs[i].b);
    }
}

static void any_bytes_fold(void **state) {
    begin();
    unsigned seed = 7;
    for (int i = 0; i < 20000; i++) {
        char bytes[700];
        struct register_name name;
        struct error e = {0};
        size_t len = (seed = seed * 1103515245u + 12345u) >> 16 & 511;
        for (size_t k = 0; k < len; k++)
            bytes[k] = (char)((seed = seed * 1103515245u + 12345u) >> 16);
        struct arena kept = arena;
        assert_ok(register_name_fold(str_of(bytes, len), &arena, &name, &e), &e);
        assert_true(name.count <= 2);
        for (size_t k = 0; k < name.count; k++) assert_true(name.keys[k].len > 0 || len == 0);
        arena = kept;
    }
}

/* Its key was empty, and would have matched any other name that has nothing but kinds. */
static void a_kind_glued_to_a_kind_leaves_no_empty_key(void **state) {
    static const char *const names[] = {"株式会社co*lp", "公司co, Ltd.", "Co., Ltd."};
    begin();
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct register_name name;
        struct error e = {0};
        assert_ok(register_name_fold(str_from_c(names[i]), &arena, &name, &e), &e);
        assert_int_equal(name.count, 1);
        assert_str(name.keys[0], STR("co"));
    }
}

/* ---- the shipped lists ---- */

static void shipped_open(const char *more) {
    static const char *const files[] = {"ndaa-889.yaml", "fcc-covered-list.yaml",
                                        "doj-covered-persons.yaml", "ieee-oui.yaml"};
    struct register_text texts[COUNT_OF(files) + 1];
    static char bytes[COUNT_OF(files)][1 << 17];
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/rulebooks/lists/%s", getenv("AZEKURA_SOURCE"), files[i]);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        texts[i] = (struct register_text){str_from_c(files[i]),
                                          str_of(bytes[i], fread(bytes[i], 1, sizeof bytes[i], f))};
        fclose(f);
    }
    texts[COUNT_OF(files)] = (struct register_text){STR("more.yaml"), str_from_c(more)};
    world_open(texts, COUNT_OF(files) + 1, NULL);
}

static const struct {
    const char *name, *lists; /* by id, joined by spaces */
} makers[] = {
    {"HUAWEI TECHNOLOGIES CO.,LTD", "fcc-covered-list ndaa-889"},
    {"ZHEJIANG DAHUA TECHNOLOGYCO.,LTD", "fcc-covered-list ndaa-889"},
    {"Hangzhou Ezviz Software Co.,Ltd.", "fcc-covered-list ndaa-889"},
    {"Nubia Technology Co.,Ltd.", "fcc-covered-list ndaa-889"},
    {"Kaspersky Lab, Inc.", "fcc-covered-list"},
    {"Digitalsystem Technology Inc.", "fcc-covered-list"},
    {"Honor Device Co., Ltd.", ""},
    {"TP-LINK TECHNOLOGIES CO.,LTD.", ""},
    {"Kyushu Electric Power Co., Inc.", ""},
    {"Nautel LTD", ""},
    {"Shanghai Dahua Scale Factory", ""},
    {"Wuxi Zhongxing Optoelectronics", ""},
};

static void each_maker_stands_where_it_should(void **state) {
    begin();
    shipped_open("operators: []\n");
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        struct facts_listed listed[8];
        str ids[8];
        char said[200];
        struct text t = text_into(said, sizeof said - 1);
        size_t count = facts_lists_of_name(world, str_from_c(makers[i].name), scratch, listed, 8);
        for (size_t k = 0; k < count; k++) ids[k] = listed[k].list;
        count = rulebook_items_sort(ids, count);
        for (size_t k = 0; k < count; k++)
            text_format(&t, "%s%.*s", k > 0 ? " " : "", STR_FMT(ids[k]));
        said[t.len] = 0;
        if (strcmp(said, makers[i].lists) != 0) fail_msg("%s: \"%s\"", makers[i].name, said);
    }
    world_close();
}

static void an_entry_counts_from_its_day(void **state) {
    static const struct {
        const char *at;
        size_t count;
    } days[] = {{"2024-07-22", 0}, {"2024-07-23", 1}};
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        begin();
        assert_true(clock_iso_read(str_from_c(days[i].at), &now));
        shipped_open("operators: []\n");
        struct facts_listed listed[4];
        assert_int_equal(facts_lists_of_name(world, STR("Kaspersky Lab, Inc."), scratch, listed, 4),
                         days[i].count);
        world_close();
    }
}

static const struct {
    const char *mac, *holder; /* NULL: nobody */
    unsigned bits;
} macs[] = {
    {"00:1F:64:01:02:03", "Beijing Autelan Technology Inc.", 24},
    {"001f.6401.0203", "Beijing Autelan Technology Inc.", 24},
    {"18-D7-93-6A-BC-DE", "Autel lntelligent Technology Corp.,Ltd", 28},
    {"18-D7-93-7A-BC-DE", NULL, 0}, /* the neighbouring block of 28 bits is somebody else's */
    {"00:1B:C5:0B:71:23", "Autelis, LLC", 36},
    {"00:1B:C5:0B:81:23", NULL, 0},
    {"02:1F:64:01:02:03", NULL, 0}, /* made up locally */
    {"01:1F:64:01:02:03", NULL, 0}, /* for many */
    {"00:1F:64", NULL, 0},
    {"a camera", NULL, 0},
};

static void each_address_lies_in_its_block(void **state) {
    begin();
    shipped_open("operators: []\n");
    for (size_t i = 0; i < COUNT_OF(macs); i++) {
        struct facts_listed holder = {0};
        bool found = facts_mac_holder(world, str_from_c(macs[i].mac), &holder);
        assert_row(macs[i].mac, found == (macs[i].holder != NULL));
        if (!found) continue;
        assert_str(holder.entry, str_from_c(macs[i].holder));
        assert_row(macs[i].mac, holder.prefix_bits == macs[i].bits);
    }
    world_close();
}

static void a_longer_prefix_wins(void **state) {
    begin();
    struct register_text text = {
        STR("l.yaml"),
        STR("lists:\n  - {id: l, entries: [{name: Many, prefixes: [\"A0B1C2\"]}, {name: One, "
            "prefixes: [\"A0B1C2D\"]}, {name: Nine, prefixes: [\"a0:b1:c2:d3:4\"]}]}\n")};
    struct facts_listed holder;
    world_open(&text, 1, NULL);
    assert_true(facts_mac_holder(world, STR("A0B1C2E00000"), &holder));
    assert_str(holder.entry, STR("Many"));
    assert_true(facts_mac_holder(world, STR("A0B1C2D00000"), &holder));
    assert_str(holder.entry, STR("One"));
    assert_true(facts_mac_holder(world, STR("A0B1C2D34000"), &holder));
    assert_str(holder.entry, STR("Nine"));
    world_close();
}

static void a_prefix_that_is_none_is_an_error(void **state) {
    begin();
    struct register_text text = {
        STR("l.yaml"), STR("lists:\n  - {id: l, entries: [{name: X, prefixes: [\"A0B1C\"]}]}\n")};
    struct error e = {0};
    assert_ok(register_load_texts(&text, 1, &snapshot, NULL, &e), &e);
    struct facts_world_options options = {.snapshot = snapshot, .at_ns = now};
    assert_int_equal(facts_world_open(&options, &world, &e), FAIL_SYNTAX);
    assert_non_null(strstr(e.message, "lists/l: expected a prefix of 6, 7 or 9 hex digits"));
    register_release(snapshot);
}

/* ---- facts ---- */

static const char things[] =
    "entities:\n"
    "  - {id: maker, name: {en: \"Hangzhou Ezviz Software Co.,Ltd.\"}, lists: {complete: true, "
    "as_of: 2026-11-01, items: [own-list]}}\n"
    "  - {id: brand, name: Brand, aliases: [ZTE Corporation]}\n"
    "  - {id: clean, name: Aoba Instruments, lists: {complete: true, as_of: 2026-11-01, items: "
    "[]}}\n"
    "equipment:\n"
    "  - {id: camera, category: camera, maker: maker}\n"
    "  - {id: modem, category: router, maker: brand}\n"
    "  - {id: meter, category: meter, maker: clean, macs: [\"4C:48:DA:00:00:01\"]}\n"
    "  - {id: relabelled, category: camera, maker: clean, macs: [\"5C:C9:D3:00:00:01\", \"%s\"]}\n";

static const struct rulebook_value *fact_of(enum register_kind kind, const char *id,
                                            const char *path) {
    static struct rulebook_facts facts;
    struct rulebook_subject subject;
    struct error e = {0};
    assert_ok(facts_of_row(world, kind, str_from_c(id), &arena, scratch, &facts, &subject, &e), &e);
    return rulebook_facts_find(&facts, str_from_c(path));
}

static void names_put_makers_on_lists(void **state) {
    begin();
    char more[2048];
    snprintf(more, sizeof more, things, "4C:BD:8F:00:00:01"); /* a block of Hikvision's */
    shipped_open(more);
    const struct rulebook_value *v = fact_of(REGISTER_EQUIPMENT, "camera", "equipment.maker.lists");
    assert_int_equal(v->set.count, 3); /* what the row says and what its name is found on */
    assert_str(v->set.at[0], STR("fcc-covered-list"));
    assert_str(v->set.at[1], STR("ndaa-889"));
    assert_str(v->set.at[2], STR("own-list"));
    assert_int_equal(v->by, RULEBOOK_BY_COMPUTED);
    v = fact_of(REGISTER_EQUIPMENT, "modem", "entity.lists");
    assert_int_equal(v->set.count, 2);
    assert_true(v->open); /* the row did not say that there are no others */
    v = fact_of(REGISTER_EQUIPMENT, "meter", "equipment.maker.lists");
    assert_true(v->set.count == 0 && !v->open);
    /* an address of a look-alike's block makes nobody suspected, one of a maker's on a list does */
    v = fact_of(REGISTER_EQUIPMENT, "meter", "equipment.suspected_lists");
    assert_int_equal(v->set.count, 0);
    v = fact_of(REGISTER_EQUIPMENT, "relabelled", "equipment.suspected_lists");
    assert_int_equal(v->set.count, 2);
    assert_str(v->set.at[1], STR("ndaa-889"));
    assert_true(v->open);
    assert_null(fact_of(REGISTER_EQUIPMENT, "camera", "equipment.suspected_lists"));
    v = fact_of(REGISTER_EQUIPMENT, "camera", "list.ndaa-889");
    assert_true(v->set.count == 1 && !v->open);
    assert_null(fact_of(REGISTER_EQUIPMENT, "camera", "list.somebody-elses"));
    world_close();
}

/* Which lists a thing is suspected of, by what was seen of it and what a record says. */
#define SEEN(means, maker, says)                                                                   \
    "observations: [{means: " means ", maker: \"" maker "\", says: \"" says                        \
    "\", first_seen: 2026-02-03}]"
#define HIKVISION "Hangzhou Hikvision Digital Technology Co.,Ltd."
static const struct {
    const char *name, *fields, *lists; /* NULL: nothing was seen that counts */
} suspected[] = {
    {"nothing seen", "maker: clean", NULL},
    {"sysObjectID, and nobody declared", SEEN("sysobjectid", HIKVISION, "1.3.6.1.4.1.39165.1"),
     "fcc-covered-list ndaa-889"},
    {"LLDP", SEEN("lldp", "ZTE Corporation", "ZXR10"), "fcc-covered-list ndaa-889"},
    {"a certificate of somebody on no list", SEEN("certificate", "Aoba Instruments", "O=Aoba"), ""},
    {"the device's own spelling", SEEN("banner", "HUAWEI TECHNOLOGIES CO.,LTD", "VRP"),
     "fcc-covered-list ndaa-889"},
    {"a part of a name matches nothing", SEEN("banner", "Hikvision", "DVR"), ""},
    {"an address, seen", "observations: [{means: mac, says: \"4C:BD:8F:00:00:01\"}]",
     "fcc-covered-list ndaa-889"},
    {"an address of nobody's block", "observations: [{means: mac, says: \"02:00:00:00:00:01\"}]",
     NULL},
    {"an address under another means is a text",
     "observations: [{means: banner, says: \"4C:BD:8F:00:00:01\"}]", NULL},
    {"a declared maker does not silence it", "maker: clean, " SEEN("lldp", "ZTE Corporation", "x"),
     "fcc-covered-list ndaa-889"},
    {"nor a paper", "maker: {value: clean, by: document}, " SEEN("lldp", "ZTE Corporation", "x"),
     "fcc-covered-list ndaa-889"},
    {"an inspector does",
     "maker: {value: clean, by: inspected}, " SEEN("lldp", "ZTE Corporation", "x"), NULL},
    {"not when that is over",
     "maker: {value: clean, by: inspected, until: 2026-11-01}, " SEEN("lldp", "ZTE Corporation",
                                                                      "x"),
     "fcc-covered-list ndaa-889"},
    {"an inspector, and an address",
     "maker: {value: clean, by: inspected}, macs: "
     "[\"4C:BD:8F:00:00:01\"]",
     NULL},
    {"a part explains it",
     "maker: clean, components: [{name: modem, maker: brand}], " SEEN("mac", "ZTE Corporation",
                                                                      "10:12:48:00:00:01"),
     NULL},
    {"another part does not",
     "maker: clean, components: [{name: modem, maker: clean}], " SEEN("lldp", "ZTE Corporation",
                                                                      "x"),
     "fcc-covered-list ndaa-889"},
    {"what will be seen is not seen yet",
     "observations: [{means: lldp, maker: ZTE Corporation, first_seen: 2027-01-01}]", NULL},
    {"one list, seen twice", "macs: [\"4C:BD:8F:00:00:01\"], " SEEN("lldp", "ZTE Corporation", "x"),
     "fcc-covered-list ndaa-889"},
    {"the whole is no longer good",
     "observations: {until: 2026-11-01, items: [{means: lldp, maker: ZTE Corporation}]}", NULL},
};

static void what_was_seen_makes_suspected_until_a_record_says_more(void **state) {
    for (size_t i = 0; i < COUNT_OF(suspected); i++) {
        char more[4096], said[200];
        begin();
        snprintf(more, sizeof more,
                 "entities:\n  - {id: brand, name: Brand, aliases: [ZTE Corporation]}\n"
                 "  - {id: clean, name: Aoba Instruments}\nequipment:\n  - {id: box, %s}\n",
                 suspected[i].fields);
        shipped_open(more);
        const struct rulebook_value *v =
            fact_of(REGISTER_EQUIPMENT, "box", "equipment.suspected_lists");
        struct text t = text_into(said, sizeof said - 1);
        for (size_t k = 0; v != NULL && k < v->set.count; k++)
            text_format(&t, "%s%.*s", k > 0 ? " " : "", STR_FMT(v->set.at[k]));
        said[t.len] = 0;
        bool is_right = (v == NULL) == (suspected[i].lists == NULL) &&
                        (v == NULL || strcmp(said, suspected[i].lists) == 0);
        if (!is_right)
            fail_msg("%s: \"%s\"%s", suspected[i].name, said, v == NULL ? " (none)" : "");
        const struct rulebook_value *maker = fact_of(REGISTER_EQUIPMENT, "box", "equipment.maker");
        bool is_declared = strstr(suspected[i].fields, "maker: clean") == suspected[i].fields ||
                           strstr(suspected[i].fields, "maker: {") == suspected[i].fields;
        if (!is_declared) assert_row(suspected[i].name, maker->kind == RULEBOOK_UNKNOWN);
        world_close();
    }
}

static const struct {
    const char *name, *fields, *first; /* NULL: unknown */
} sightings[] = {
    {"the earliest",
     "observations: [{means: mac, first_seen: 2026-05-05}, {means: lldp, first_seen: 2026-02-03}]",
     "2026-02-03"},
    {"what the row says itself",
     "first_seen: 2026-04-04, observations: [{means: lldp, first_seen: 2026-02-03}]", "2026-04-04"},
    {"also that it is unknown",
     "first_seen: unknown, observations: [{means: lldp, first_seen: 2026-02-03}]", NULL},
    {"not what is yet to come", "observations: [{means: lldp, first_seen: 2027-02-03}]", NULL},
    {"no day", "observations: [{means: lldp}]", NULL},
};

static void the_first_observation_tells_since_when_a_thing_is_there(void **state) {
    for (size_t i = 0; i < COUNT_OF(sightings); i++) {
        char more[1024];
        begin();
        snprintf(more, sizeof more, "equipment:\n  - {id: box, %s}\n", sightings[i].fields);
        struct register_text text = {STR("r.yaml"), str_from_c(more)};
        world_open(&text, 1, NULL);
        const struct rulebook_value *v = fact_of(REGISTER_EQUIPMENT, "box", "equipment.first_seen");
        assert_row(sightings[i].name, (v->kind == RULEBOOK_DATE) == (sightings[i].first != NULL));
        if (sightings[i].first != NULL)
            assert_row(sightings[i].name, str_equal(v->text, str_from_c(sightings[i].first)));
        world_close();
    }
}

/* ---- what rules ask to be computed ---- */

static const struct rulebook_set *rules_read(void) {
    static char bytes[1 << 16];
    char path[512];
    struct rulebook_read read;
    const struct rulebook_set *set;
    struct error e = {0};
    snprintf(path, sizeof path, "%s/rulebooks/us-doj-28cfr202.yaml", getenv("AZEKURA_SOURCE"));
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    str text = str_of(bytes, fread(bytes, 1, sizeof bytes, f));
    fclose(f);
    assert_ok(rulebook_read(STR("doj"), text, &arena, scratch, &read, &e), &e);
    struct rulebook_set_input input = {
        .rulebooks = read.rulebooks, .rulebook_count = read.count, .what_if = true};
    assert_ok(rulebook_set_compile(&input, &arena, scratch, &set, &e), &e);
    return set;
}

static const char trade[] =
    "operators: [{id: us-lab, person: {complete: true, as_of: 2026-11-01, items: [us]}}]\n"
    "entities:\n  complete: true\n  as_of: 2026-11-01\n  items:\n"
    "    - {id: state-fund, seats: {complete: true, as_of: 2026-11-01, items: [CN]}, lists: "
    "{complete: true, as_of: 2026-11-01, items: []}, holders: {complete: true, as_of: 2026-11-01, "
    "items: []}}\n"
    "    - {id: holding, seats: {complete: true, as_of: 2026-11-01, items: [SG]}, lists: "
    "{complete: true, as_of: 2026-11-01, items: []}, holders: {complete: true, as_of: 2026-11-01, "
    "items: [{entity: state-fund, capital: 50 %, votes: 10 %}, {entity: clean, capital: 50 %, "
    "votes: 90 %}]}}\n"
    "    - {id: analytics, seats: {complete: true, as_of: 2026-11-01, items: [US]}, lists: "
    "{complete: true, as_of: 2026-11-01, items: []}, holders: {complete: true, as_of: 2026-11-01, "
    "items: [{entity: holding, capital: 60 %, votes: 40 %}, {entity: clean, capital: 40 %, votes: "
    "60 %}]}}\n"
    "    - {id: clean, seats: {complete: true, as_of: 2026-11-01, items: [US]}, lists: {complete: "
    "true, as_of: 2026-11-01, items: []}, holders: {complete: true, as_of: 2026-11-01, items: "
    "[]}}\n"
    "datasets: [{id: d, kinds: {complete: true, as_of: 2026-11-01, items: [personal-health]}}]\n"
    "transfers:\n  complete: true\n  as_of: 2026-11-01\n  items:\n"
    "    - {id: t1, operator: us-lab, dataset: d, to: analytics, persons: 6000, happened: "
    "2026-03-01}\n"
    "    - {id: t2, operator: us-lab, dataset: d, to: analytics, persons: 4001, happened: "
    "2026-10-01}\n"
    "    - {id: t3, operator: us-lab, dataset: d, to: clean, persons: 50000, happened: "
    "2026-10-01}\n";

static void owners_and_windows_reach_the_rules(void **state) {
    begin();
    struct register_text text = {STR("trade.yaml"), str_from_c(trade)};
    const struct rulebook_set *rules = rules_read();
    static const struct {
        const char *transfer, *set;
        int64_t low, high;
        enum rulebook_verdict verdict;
    } rows[] = {
        {"t1", "in", 6000, 10001, RULEBOOK_FAIL}, /* the later act judges it again */
        {"t2", "in", 6000, 10001, RULEBOOK_FAIL},
        {"t3", "out", 50000, 50000, RULEBOOK_PASS},
    };
    world_open(&text, 1, rules);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rulebook_facts facts;
        struct rulebook_subject subject;
        struct rulebook_decision d;
        struct error e = {0};
        assert_ok(facts_of_row(world, REGISTER_TRANSFERS, str_from_c(rows[i].transfer), &arena,
                               scratch, &facts, &subject, &e),
                  &e);
        const struct rulebook_value *n = rulebook_facts_find(&facts, STR("measure.health-12m"));
        assert_non_null(n);
        if (n->number.low != rows[i].low * RULEBOOK_MILLI ||
            n->number.high != rows[i].high * RULEBOOK_MILLI)
            fail_msg("%s: [%lld, %lld]", rows[i].transfer, (long long)n->number.low,
                     (long long)n->number.high);
        assert_ok(rulebook_evaluate_slow(rules, &subject, &facts, now, &arena, scratch, &d, &e),
                  &e);
        bool spoke = false;
        for (size_t k = 0; k < d.fixed_count; k++) {
            if (!str_equal(d.fixed[k].clause->id, STR("bulk.personal-health"))) continue;
            spoke = true;
            assert_row(rows[i].transfer, d.fixed[k].verdict == rows[i].verdict);
        }
        assert_row(rows[i].transfer, spoke);
    }
    const struct rulebook_value *in =
        fact_of(REGISTER_TRANSFERS, "t1", "derived.us-doj-28cfr202/covered-person");
    assert_int_equal(in->set.count, 3);
    assert_str(in->set.at[0], STR("analytics")); /* 60 % of what is half owned */
    assert_false(in->open);
    world_close();
}

static void without_rules_nothing_is_computed(void **state) {
    begin();
    struct register_text text = {STR("trade.yaml"), str_from_c(trade)};
    world_open(&text, 1, NULL);
    assert_null(fact_of(REGISTER_TRANSFERS, "t1", "measure.health-12m"));
    assert_null(fact_of(REGISTER_TRANSFERS, "t1", "derived.us-doj-28cfr202/covered-person"));
    world_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_spelling_is_told_from_its_look_alikes),
        cmocka_unit_test(any_bytes_fold),
        cmocka_unit_test(a_kind_glued_to_a_kind_leaves_no_empty_key),
        cmocka_unit_test(each_maker_stands_where_it_should),
        cmocka_unit_test(an_entry_counts_from_its_day),
        cmocka_unit_test(each_address_lies_in_its_block),
        cmocka_unit_test(a_longer_prefix_wins),
        cmocka_unit_test(a_prefix_that_is_none_is_an_error),
        cmocka_unit_test(names_put_makers_on_lists),
        cmocka_unit_test(what_was_seen_makes_suspected_until_a_record_says_more),
        cmocka_unit_test(the_first_observation_tells_since_when_a_thing_is_there),
        cmocka_unit_test(owners_and_windows_reach_the_rules),
        cmocka_unit_test(without_rules_nothing_is_computed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
