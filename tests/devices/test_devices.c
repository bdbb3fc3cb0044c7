/* Who made a thing, by what was seen of it; and which row it is. */
#include "devices/devices.h"
#include "tests/test.h"

static char memory[256 << 20], scratch_memory[32 << 20];
static struct arena arena, scratch;
static const struct devices_makers *makers;
static int64_t march, april;

static int begin(void **state) {
    struct error e;
    arena = arena_over(memory, sizeof memory);
    scratch = arena_over(scratch_memory, sizeof scratch_memory);
    assert_ok(devices_makers_open(&arena, scratch, &makers, &e), &e);
    assert_true(clock_iso_read(STR("2026-03-01"), &march));
    assert_true(clock_iso_read(STR("2026-04-01"), &april));
    return 0;
}

/* ---- makers ---- */

static const struct {
    const char *mac, *maker; /* NULL: nobody */
    unsigned bits;
} macs[] = {
    {"00:00:00:01:02:03", "XEROX CORPORATION", 24},
    {"4c:bd:8f:00:00:01", "Hangzhou Hikvision Digital Technology Co.,Ltd.", 24},
    {"18:d7:93:6a:bc:de", "Autel lntelligent Technology Corp.,Ltd", 28},
    {"00:1b:c5:0b:71:23", "Autelis, LLC", 36},
    {"ff:ff:ff:ff:ff:ff", NULL, 0}, /* for all */
    {"02:bd:8f:00:00:01", NULL, 0}, /* made up locally */
    {"01:00:5e:00:00:01", NULL, 0}, /* for many */
    {"00:1b:c5:ff:ff:ff", NULL, 0}, /* the registry's own, to be divided */
};

static void each_address_lies_in_its_block(void **state) {
    for (size_t i = 0; i < COUNT_OF(macs); i++) {
        struct inventory_mac mac;
        str maker = STR_EMPTY;
        unsigned bits = 0;
        assert_true(inventory_mac_read(str_from_c(macs[i].mac), &mac));
        bool found = devices_maker_of_mac(makers, &mac, &maker, &bits);
        if (found != (macs[i].maker != NULL)) fail_msg("%s: %.*s", macs[i].mac, STR_FMT(maker));
        if (!found) continue;
        if (!str_equal(maker, str_from_c(macs[i].maker)))
            fail_msg("%s: %.*s", macs[i].mac, STR_FMT(maker));
        assert_row(macs[i].mac, bits == macs[i].bits);
    }
}

static const struct {
    const char *says, *maker;
} objects[] =
    {
        {"1.3.6.1.4.1.9.1.1208", "Cisco Systems, Inc."},
        {".1.3.6.1.4.1.2011.2.239.6", "Huawei Technologies Co., Ltd."},
        {"1.3.6.1.4.1.39165.1.1", "Hangzhou Hikvision Digital Technology Co.,Ltd."},
        {"1.3.6.1.4.1.3902.3.100.1", "ZTE Corporation"},
        {"1.3.6.1.4.1.1004849.2.1.1", "Zhejiang Dahua Technology Co., Ltd."},
        {"1.3.6.1.4.1.9", "Cisco Systems, Inc."},
        {"1.3.6.1.4.1.8072.3.2.10", NULL}, /* net-snmp: the agent's software, of no maker */
        {"1.3.6.1.4.1.99999999.1", NULL},
        {"1.3.6.1.4.1.", NULL},
        {"1.3.6.1.4.1.x", NULL},
        {"1.3.6.1.2.1.1.2.0", NULL}, /* not an enterprise's */
        {"", NULL},
},
  texts[] =
      {
          {"Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0",
           "Cisco Systems, Inc."},
          {"cisco ios software", "Cisco Systems, Inc."},
          {"RTX1210 Rev.14.01.42", "Yamaha Corporation"},
          {"Huawei Versatile Routing Platform Software", "Huawei Technologies Co., Ltd."},
          {"ZXR10 2950", "ZTE Corporation"},
          {"ZTEsoft", NULL}, /* a word goes on */
          {"Arista Networks EOS version 4.20", "Arista Networks, Inc."},
          {"a Cisco IOS Software clone", NULL}, /* not at the beginning */
          {"Linux ubuntu 5.4", NULL},
          {"none", NULL},
          {"", NULL},
},
  subjects[] = {
      {"CN=cam-1, O=Kaze Networks, C=JP", "Kaze Networks"},
      {"C=CN,O=Hangzhou Hikvision Digital Technology Co.\\,Ltd.,CN=x",
       "Hangzhou Hikvision Digital Technology Co.,Ltd."},
      {"O=\"Kaze Networks, Inc.\",CN=x", "Kaze Networks, Inc."},
      {"/C=JP/O=Kaze Networks/CN=cam-1", "Kaze Networks"},
      {"CN=x+O=Kaze,C=JP", "Kaze"},
      {"o = Kaze", "Kaze"},
      {"OU=Kaze,CN=O", NULL},
      {"O=,CN=x", NULL},
      {"CN=cam-1", NULL},
      {"O", NULL},
      {"", NULL},
      {"O=\"never closed", "never closed"},
};

static void is_maker(const char *says, bool found, str maker, const char *wanted) {
    if (!found) maker = STR("nobody");
    if (found != (wanted != NULL) || (found && !str_equal(maker, str_from_c(wanted))))
        fail_msg("\"%s\": %.*s", says, STR_FMT(maker));
}

static void each_word_suggests_its_maker(void **state) {
    str maker = STR_EMPTY;
    for (size_t i = 0; i < COUNT_OF(objects); i++)
        is_maker(objects[i].says,
                 devices_maker_of_object(makers, str_from_c(objects[i].says), &maker), maker,
                 objects[i].maker);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        is_maker(texts[i].says, devices_maker_of_text(makers, str_from_c(texts[i].says), &maker),
                 maker, texts[i].maker);
    for (size_t i = 0; i < COUNT_OF(subjects); i++)
        is_maker(subjects[i].says,
                 devices_maker_of_subject(str_from_c(subjects[i].says), &arena, &maker), maker,
                 subjects[i].maker);
}

/* ---- rows ---- */

static char written[1 << 20];

static const char *rows_of(const struct devices *d) {
    struct report_out out;
    struct error e;
    assert_ok(report_open_text(written, sizeof written - 1, &out, &e), &e);
    devices_write(d, false, &out);
    assert_ok(report_close(&out, &e), &e);
    written[report_text(&out).len] = 0;
    return written;
}

static struct register_snapshot *load(const char *yaml) {
    struct register_text text = {STR("seen.yaml"), str_from_c(yaml), NULL};
    struct register_snapshot *s;
    struct error e;
    assert_ok(register_load_texts(&text, 1, &s, NULL, &e), &e);
    return s;
}

struct given { /* a device in words */
    const char *mac, *address, *name, *object_id, *description, *manufacturer, *model, *serial;
};
static void note(struct devices *d, const struct given *g) {
    struct inventory_mac mac;
    struct geo_address address;
    struct error e;
    struct inventory_device device = {.by = g->object_id != NULL ? INVENTORY_SNMPWALK
                                                                 : INVENTORY_LLDP,
                                      .macs = &mac,
                                      .addresses = &address,
                                      .name = str_from_c(g->name),
                                      .object_id = str_from_c(g->object_id),
                                      .description = str_from_c(g->description),
                                      .manufacturer = str_from_c(g->manufacturer),
                                      .model = str_from_c(g->model),
                                      .serial = str_from_c(g->serial)};
    if (g->mac != NULL) assert_true(inventory_mac_read(str_from_c(g->mac), &mac));
    if (g->address != NULL) assert_true(geo_address_read(str_from_c(g->address), &address));
    device.mac_count = g->mac != NULL;
    device.address_count = g->address != NULL;
    assert_ok(devices_note(d, &device, &e), &e);
}

static struct devices *table(int64_t seen_ns) {
    struct devices *d;
    struct error e;
    assert_ok(devices_open(makers, seen_ns, &arena, &d, &e), &e);
    return d;
}

#define CAMERA "4c:bd:8f:00:00:01"
static const struct {
    const char *name;
    struct given first, second;
    uint64_t rows;
} same[] = {
    {"the same address of the hardware",
     {.mac = CAMERA, .address = "10.0.0.1"},
     {.mac = CAMERA, .address = "10.0.0.9"},
     1},
    {"an address given to another",
     {.mac = CAMERA, .address = "10.0.0.1"},
     {.mac = "4c:bd:8f:00:00:02", .address = "10.0.0.1"},
     2},
    {"an address of who told no hardware address",
     {.mac = CAMERA, .address = "10.0.0.1"},
     {.address = "10.0.0.1", .name = "cam"},
     1},
    {"and the other way",
     {.address = "10.0.0.1", .name = "cam"},
     {.mac = CAMERA, .address = "10.0.0.1"},
     1},
    {"a serial number",
     {.mac = CAMERA, .serial = "S1", .model = "A"},
     {.mac = "4c:bd:8f:00:00:02", .serial = "S1", .model = "A"},
     1},
    {"a serial number of another model",
     {.mac = CAMERA, .serial = "S1", .model = "A"},
     {.mac = "4c:bd:8f:00:00:02", .serial = "S1", .model = "B"},
     2},
    {"a name alone finds nobody", {.name = "cam"}, {.name = "cam"}, 2},
};

static void a_device_is_found_by_what_is_its_own(void **state) {
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        struct arena kept = arena;
        struct devices *d = table(march);
        note(d, &same[i].first);
        note(d, &same[i].second);
        struct devices_counts counts = devices_count(d);
        if (counts.rows != same[i].rows || counts.noted != 2 || counts.fresh != same[i].rows)
            fail_msg("%s: %llu rows", same[i].name, (unsigned long long)counts.rows);
        register_release(load(rows_of(d)));
        arena = kept;
    }
}

static const char seen_once[] =
    "# Written by azekura register observe: --into takes it up again.\n"
    "equipment:\n"
    "  - id: \"seen-4cbd8f000001\"\n"
    "    name: \"cam-1\"\n"
    "    model: \"DS-2\"\n"
    "    serial: \"S1\"\n"
    "    addresses: [\"10.0.0.1\"]\n"
    "    macs: [\"4c:bd:8f:00:00:01\"]\n"
    "    observations: {\"by\":\"measured\",\"source\":\"azekura register observe\",\"items\":["
    "{\"means\":\"mac\",\"maker\":\"Hangzhou Hikvision Digital Technology Co.,Ltd.\",\"says\":"
    "\"4c:bd:8f:00:00:01\",\"first_seen\":\"2026-03-01T00:00:00Z\",\"last_seen\":\"2026-03-"
    "01T00:00:00Z\"},"
    "{\"means\":\"sysobjectid\",\"maker\":\"Hangzhou Hikvision Digital Technology "
    "Co.,Ltd.\",\"says\":"
    "\"1.3.6.1.4.1.39165.1\",\"first_seen\":\"2026-03-01T00:00:00Z\",\"last_seen\":\"2026-03-"
    "01T00:00:00Z\"},"
    "{\"means\":\"lldp-med\",\"maker\":\"Kaze\",\"says\":\"Kaze DS-2\",\"first_seen\":"
    "\"2026-03-01T00:00:00Z\",\"last_seen\":\"2026-03-01T00:00:00Z\"},"
    "{\"means\":\"sysdescr\",\"says\":\"none of ? it\",\"first_seen\":\"2026-03-01T00:00:00Z\","
    "\"last_seen\":\"2026-03-01T00:00:00Z\"}]}\n";

static void a_row_says_what_was_seen_and_reads_back(void **state) {
    static const struct given camera = {.mac = CAMERA,
                                        .address = "10.0.0.1",
                                        .name = "cam-1",
                                        .object_id = "1.3.6.1.4.1.39165.1",
                                        .description = "none\r\n of \xff\tit ",
                                        .manufacturer = "Kaze",
                                        .model = "DS-2",
                                        .serial = "S1"};
    struct devices *d = table(march);
    note(d, &camera);
    assert_string_equal(rows_of(d), seen_once);
    /* seen again a month later: the first day stays, the last moves on */
    struct register_snapshot *s = load(seen_once);
    struct error e;
    d = table(april);
    assert_ok(devices_go_on(d, s, STR("seen.yaml"), &e), &e);
    note(d, &camera);
    assert_int_equal(devices_count(d).fresh, 0);
    assert_int_equal(devices_count(d).rows, 1);
    struct register_snapshot *again = load(rows_of(d));
    size_t count;
    const struct register_row *row = register_rows(again, REGISTER_EQUIPMENT, &count);
    assert_int_equal(count, 1);
    const struct register_value *v = register_value_find(&row->fields, STR("observations"));
    assert_int_equal(v->by, REGISTER_MEASURED);
    assert_int_equal(v->count, 4);
    for (size_t i = 0; i < v->count; i++) {
        assert_true(register_value_find(&v->records[i], STR("first_seen"))->time_ns == march);
        assert_true(register_value_find(&v->records[i], STR("last_seen"))->time_ns == april);
    }
    register_release(again);
    register_release(s);
}

static const struct {
    const char *name, *row,
        *stays; /* fields of the row, and a line that must be in what is written */
} kept[] = {
    {"a declared maker", "maker: kaze, macs: [\"4C-BD-8F-00-00-01\"]", "    maker: \"kaze\"\n"},
    {"who said so, and until when",
     "category: {value: camera, by: inspected, until: 2027-01-01}, macs: [\"" CAMERA "\"]",
     "    category: {\"value\":\"camera\",\"by\":\"inspected\",\"until\":\"2027-01-01\"}\n"},
    {"a name in languages", "name: {en: Gate, ja: 門}, macs: [\"" CAMERA "\"]",
     "    name: {\"en\":\"Gate\",\"ja\":\"門\"}\n"},
    {"a list that is complete",
     "macs: {complete: true, as_of: 2026-01-01, items: [\"" CAMERA "\"]}",
     "    macs: {\"items\":[\"4c:bd:8f:00:00:01\"],\"complete\":true,\"as_of\":\"2026-01-01\"}\n"},
    {"its validity", "valid: {from: 2026-01-01}, macs: [\"" CAMERA "\"]",
     "    valid: {\"from\":\"2026-01-01\"}\n"},
    {"a note", "note: \"a, b: {c}\", macs: [\"" CAMERA "\"]", "    note: \"a, b: {c}\"\n"},
    {"another word for what was seen",
     "macs: [\"" CAMERA
     "\"], observations: {by: document, source: log-3, items: [{means: dhcp, says: "
     "Kaze}]}",
     "    observations: "
     "{\"by\":\"document\",\"source\":\"log-3\",\"items\":[{\"means\":\"dhcp\",\"says\":"
     "\"Kaze\"},{\"means\":\"mac\","},
    {"a quoted text that looks like more",
     "model: \"a\\\",\\\"maker\\\":\\\"b\", macs: [\"" CAMERA "\"]",
     "    model: \"a\\\",\\\"maker\\\":\\\"b\"\n"},
};

static void what_a_row_said_stays_as_it_was(void **state) {
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        struct arena before = arena;
        char yaml[1024];
        struct error e;
        static const struct given camera = {.mac = CAMERA, .address = "10.0.0.1"};
        snprintf(yaml, sizeof yaml, "entities: [{id: kaze}]\n");
        struct register_text files[] = {{STR("e.yaml"), STR("entities: [{id: kaze}]\n"), NULL},
                                        {STR("seen.yaml"), STR_EMPTY, NULL}};
        snprintf(yaml, sizeof yaml, "equipment:\n  - {id: gate, %s}\n", kept[i].row);
        files[1].bytes = str_from_c(yaml);
        struct register_snapshot *s;
        enum error_code code = register_load_texts(files, 2, &s, NULL, &e);
        if (code != OK) fail_msg("%s: %s", kept[i].name, e.message);
        struct devices *d = table(march);
        assert_ok(devices_go_on(d, s, STR("seen.yaml"), &e), &e);
        note(d, &camera);
        assert_int_equal(devices_count(d).rows, 1);
        const char *said = rows_of(d);
        if (strstr(said, kept[i].stays) == NULL) fail_msg("%s: %s", kept[i].name, said);
        assert_non_null(strstr(said, "\"means\":\"mac\""));
        files[1].bytes = str_from_c(said);
        register_release(s);
        code = register_load_texts(files, 2, &s, NULL, &e); /* and it is a register again */
        if (code != OK) fail_msg("%s: %s: %s", kept[i].name, e.message, said);
        register_release(s);
        arena = before;
    }
}

/* A register writes an address as the network of it alone: the row was not found again by it. */
static void a_row_is_found_again_by_its_address(void **state) {
    static const struct given told = {.address = "10.0.0.1", .name = "cam"};
    struct register_snapshot *s =
        load("equipment:\n  - {id: gate, addresses: [10.0.0.1, 10.9.0.0/16, \"2001:db8::1\"]}\n");
    struct devices *d = table(march);
    struct error e;
    assert_ok(devices_go_on(d, s, STR("seen.yaml"), &e), &e);
    note(d, &told);
    assert_int_equal(devices_count(d).rows, 1);
    assert_non_null(
        strstr(rows_of(d), "addresses: [\"10.0.0.1\", \"10.9.0.0/16\", \"2001:db8::1\"]"));
    register_release(s);
}

static void a_row_of_another_time_gains_nothing(void **state) {
    static const struct given camera = {.mac = CAMERA};
    struct register_snapshot *s =
        load("equipment:\n  - {id: old, macs: [\"" CAMERA "\"], valid: {until: 2020-01-01}}\n");
    struct devices *d = table(march);
    struct error e;
    assert_ok(devices_go_on(d, s, STR("seen.yaml"), &e), &e);
    note(d, &camera);
    assert_int_equal(devices_count(d).rows, 2);
    const char *said = rows_of(d);
    const char *old = strstr(said, "id: \"old\"");
    assert_non_null(old);
    assert_true(strstr(said, "observations") < old ||
                strstr(old, "id: \"seen-") < strstr(old, "observations"));
    register_release(s);
}

static const struct {
    const char *yaml, *says;
} refused[] = {
    {"equipment: []\nsites: [{id: a, country: JP}]\n", "seen.yaml holds sites as well"},
    {"equipment: {complete: true, as_of: 2026-01-01, items: [{id: a}]}\n",
     "says that its list is complete"},
};

static void only_a_file_of_things_that_were_seen_is_gone_on_from(void **state) {
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct error e = {0};
        struct register_snapshot *s = load(refused[i].yaml);
        assert_int_equal(devices_go_on(table(march), s, STR("seen.yaml"), &e), FAIL_USAGE);
        if (strstr(e.message, refused[i].says) == NULL) fail_msg("%s", e.message);
        register_release(s);
    }
}

static const struct {
    const char *name;
    struct devices_sighting sighting;
    const char *says; /* in what is written, or in the error */
    bool fails;
} sightings[] = {
    {"a certificate",
     {.address = {"10.0.0.1", 8}, .means = {"certificate", 11}, .says = {"CN=x,O=Kaze", 11}},
     "{\"means\":\"certificate\",\"maker\":\"Kaze\",\"says\":\"CN=x,O=Kaze\"",
     false},
    {"a banner",
     {.name = {"cam", 3}, .means = {"banner", 6}, .says = {"Hikvision-Webs", 14}},
     "{\"means\":\"banner\",\"maker\":\"Hangzhou Hikvision Digital Technology Co.,Ltd.\"",
     false},
    {"its own word for the maker",
     {.name = {"cam", 3}, .means = {"dhcp", 4}, .says = {"x", 1}, .maker = {"Kaze", 4}},
     "{\"means\":\"dhcp\",\"maker\":\"Kaze\",\"says\":\"x\"",
     false},
    {"when it was seen",
     {.name = {"cam", 3}, .means = {"dhcp", 4}, .says = {"x", 1}, .seen_ns = NS_PER_S},
     "\"first_seen\":\"1970-01-01T00:00:01Z\"",
     false},
    {"no means",
     {.name = {"cam", 3}, .says = {"x", 1}},
     "expected \"means\" of small letters",
     true},
    {"a means of two words", {.name = {"cam", 3}, .means = {"a b", 3}}, "expected \"means\"", true},
    {"nobody",
     {.means = {"banner", 6}, .says = {"x", 1}},
     "expected a mac, an address or a name",
     true},
    {"no mac",
     {.mac = {"x", 1}, .means = {"banner", 6}},
     "expected a hardware address, found \"x\"",
     true},
    {"no address",
     {.address = {"x", 1}, .means = {"banner", 6}},
     "expected an address, found \"x\"",
     true},
    {"a mac that is none",
     {.name = {"cam", 3}, .means = {"mac", 3}, .says = {"x", 1}},
     "expected a hardware address, found \"x\"",
     true},
};

static void sightings_of_other_tools_join(void **state) {
    for (size_t i = 0; i < COUNT_OF(sightings); i++) {
        struct arena before = arena;
        struct error e = {0};
        struct devices *d = table(march);
        enum error_code code = devices_note_sighting(d, &sightings[i].sighting, &e);
        if ((code != OK) != sightings[i].fails) fail_msg("%s: %s", sightings[i].name, e.message);
        const char *said = code != OK ? e.message : rows_of(d);
        if (strstr(said, sightings[i].says) == NULL) fail_msg("%s: %s", sightings[i].name, said);
        arena = before;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_lies_in_its_block),
        cmocka_unit_test(each_word_suggests_its_maker),
        cmocka_unit_test(a_device_is_found_by_what_is_its_own),
        cmocka_unit_test(a_row_says_what_was_seen_and_reads_back),
        cmocka_unit_test(what_a_row_said_stays_as_it_was),
        cmocka_unit_test(a_row_is_found_again_by_its_address),
        cmocka_unit_test(a_row_of_another_time_gains_nothing),
        cmocka_unit_test(only_a_file_of_things_that_were_seen_is_gone_on_from),
        cmocka_unit_test(sightings_of_other_tools_join),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
