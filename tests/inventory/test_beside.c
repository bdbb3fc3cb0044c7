/* Variables that lie beside an inventory of Ansible's: whose files are read, which of their words counts, and what is
 * told of those that cannot be known. */
#include "tests/inventory/samples.h"
#include "tests/test.h"

static unsigned char memory[1 << 24], problems_memory[1 << 16];
static struct told told;

struct file {
    const char *path, *bytes; /* bytes NULL: it may not be opened */
};
struct files {
    const struct file *at;
    size_t count;
};

static bool test_open(void *self, str file, str included, struct arena *arena, str *name,
                      str *bytes, const char **why) {
    const struct files *files = self;
    struct error e;
    assert_str(file, STR("hosts"));
    *why = "there is no such file";
    assert_ok(arena_copy(arena, included, name, &e), &e);
    for (size_t i = 0; i < files->count; i++) {
        if (!str_equal(included, str_from_c(files->at[i].path))) continue;
        if (files->at[i].bytes == NULL) return *why = "it lies outside", false;
        assert_ok(arena_copy(arena, str_from_c(files->at[i].bytes), bytes, &e), &e);
        return true;
    }
    return false;
}

/* The paths of a case are in the order of their bytes. */
static bool test_list(void *self, str file, str folder, struct arena *arena, const str **names,
                      size_t *count, const char **why) {
    enum { MOST = 16 };
    const struct files *files = self;
    str *out = arena_new(arena, str, MOST);
    *count = 0;
    for (size_t i = 0; i < files->count; i++) {
        str path = str_from_c(files->at[i].path), rest = str_skip(path, folder.len + 1);
        size_t slash;
        if (!str_starts(path, folder) || path.len <= folder.len || path.at[folder.len] != '/')
            continue;
        if (str_find_char(rest, '/', &slash)) rest = str_slice(rest, 0, slash);
        if (*count > 0 && str_equal(out[*count - 1], rest)) continue;
        assert_true(*count < MOST);
        out[(*count)++] = rest;
    }
    *names = out;
    return *count > 0;
}

static enum error_code read_with(str bytes, const struct file *files, size_t count,
                                 struct inventory_report *report, struct error *e) {
    struct files all = {files, count};
    struct inventory_opener opener = {test_open, &all, test_list};
    struct inventory_options options = {.format = INVENTORY_ANSIBLE, .opener = &opener};
    struct arena arena = arena_over(problems_memory, sizeof problems_memory);
    struct inventory_sink sink = {told_server, &told};
    told_begin(&told);
    return inventory_read(STR("hosts"), bytes, &options, &sink, &arena,
                          arena_over(memory, sizeof memory), report, e);
}

static const struct {
    const char *name, *inventory;
    struct file files[8];
    const char *servers, *problem; /* NULL: none */
} cases[] = {
    {"the address that only host_vars/ has was not known, and the name was asked for",
     "[web]\na\n",
     {{"host_vars/a.yml", "ansible_host: 192.0.2.1\nansible_password: hidden\n"}},
     "2 a 192.0.2.1 label=a kind=web\n",
     NULL},
    {"of the file and of what lies beside it what is nearer to the host",
     "[web]\na owner=line\n[web:vars]\ncountry=US\nsystem=ini\nclass=ini\nowner=ini\n[all:vars]\n"
     "operator=ini\n",
     {{"group_vars/all", "country: DE\nclass: all\nsector: all\noperator: all\nowner: all\n"},
      {"group_vars/web.yaml", "country: JP\nsector: web\nowner: web\n"},
      {"host_vars/a", "country: KR\n"}},
     "2 a label=a operator=all country=KR system=ini owner=line kind=web sector=web class=all\n",
     NULL},
    {"host_vars/ goes before the host's own line",
     "a country=US owner=line\n",
     {{"host_vars/a.json", "{\"country\": \"JP\"}"}},
     "1 a label=a country=JP owner=line\n",
     NULL},
    {"a nearer group's file before one that contains it, of one depth the last by name",
     "[web]\na\n[db]\na\n[site:children]\nweb\n",
     {{"group_vars/db.yml", "system: db\ncountry: US\n"},
      {"group_vars/site.yml", "system: site\nowner: site\nclass: site\n"},
      {"group_vars/web.yml", "system: web\nowner: web\n"}},
     "2 a label=a country=US system=web owner=web kind=web class=site\n",
     NULL},
    {"a folder of files: the last goes before, hidden ones and copies are passed over",
     "[web]\na\n",
     {{"group_vars/web/.hidden.yml", "country: KP\n"},
      {"group_vars/web/a.yml", "country: US\nansible_host: 192.0.2.1\n"},
      {"group_vars/web/b.yml", "country: JP\nansible_host: 192.0.2.2\n"},
      {"group_vars/web/b.yml~", "country: KP\n"},
      {"group_vars/web/more/x.json", "{\"owner\": \"Jo\"}"},
      {"group_vars/web/notes.txt", "country: KP\n"}},
     "2 a 192.0.2.2 label=a country=JP owner=Jo kind=web\n",
     NULL},
    {"the first name that is there is the one",
     "a\n",
     {{"host_vars/a", "country: JP\n"}, {"host_vars/a.yml", "country: US\nowner: Jo\n"}},
     "1 a label=a country=JP\n",
     NULL},
    {"files of nobody in the inventory",
     "a\n",
     {{"group_vars/b.yml", "{{ no YAML"}, {"host_vars/b.yml", "- x: [\n"}},
     "1 a label=a\n",
     NULL},
    {"hosts of a range, in YAML",
     "web:\n  hosts:\n    w[1:2]:\n",
     {{"host_vars/w2.yml", "ansible_host: 192.0.2.2\n"}},
     "3 w1 label=w1 kind=web\n3 w2 192.0.2.2 label=w2 kind=web\n",
     NULL},
    {"a group's domain was one name of all of its hosts",
     "[web]\na\nb\n",
     {{"group_vars/web.yml",
       "domain: example.jp\nurl: https://x.example.jp/\nip: \"{{ x }}\"\nsystem: x\n"}},
     "2 a label=a system=x kind=web\n3 b label=b system=x kind=web\n",
     NULL},
    {"the same, in the inventory",
     "[web]\na\nb\n[web:vars]\ndomain=example.jp\n",
     {{NULL, NULL}},
     "2 a label=a kind=web\n3 b label=b kind=web\n",
     NULL},
    {"a template's line",
     "[web]\na\n",
     {{"group_vars/all.yml", "ansible_host: 192.0.2.9\n"},
      {"group_vars/web.yml", "# of the web\nansible_host: \"{{ address }}\"\n"}},
     "2 a label=a kind=web\n",
     "group_vars/web.yml:2: expected ansible_host in plain, found a template ({{ … }}): what it "
     "stands for is not known"},
    {"a value that is encrypted",
     "a\n",
     {{"host_vars/a.yml", "country: JP\nowner: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n"}},
     "1 a label=a country=JP\n",
     "host_vars/a.yml:2: expected owner in plain, found what is encrypted (!vault) or has another "
     "tag: what it stands for is not known"},
    {"a whole file that is encrypted",
     "[web]\na\n",
     {{"group_vars/all/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"},
      {"group_vars/web.yml", "country: JP\n"}},
     "2 a label=a country=JP kind=web\n",
     "group_vars/all/vault.yml:1: expected variables in plain, found a file that ansible-vault "
     "encrypted: what it says is not known"},
    {"an address that is none, by the line of its file",
     "a\n",
     {{"host_vars/a.yml", "---\nansible_host: 192.0.2\n"}},
     "1 a label=a\n",
     "host_vars/a.yml:2: expected a host in ansible_host: neither an address nor a name: names do "
     "not end in a number, found \"192.0.2\""},
    {"what stands before a fault",
     "a\n",
     {{"host_vars/a.yml", "country: JP\n- x\n"}},
     "1 a label=a country=JP\n",
     "host_vars/a.yml:2:1: expected YAML, found: did not find expected key while parsing a block "
     "mapping"},
    {"no variables by name",
     "a\n",
     {{"host_vars/a.yml", "- country: JP\n"}},
     "1 a label=a\n",
     "host_vars/a.yml:1: expected variables by name, found a list"},
    {"one that may not be opened",
     "a\n",
     {{"host_vars/a.yml", NULL}},
     "1 a label=a\n",
     "hosts: expected variables in \"host_vars/a.yml\" beside it: it lies outside"},
    {"an empty file, and one of nothing but a comment",
     "a\nb\n",
     {{"host_vars/a.yml", ""}, {"host_vars/b.yml", "---\n# later\n"}},
     "1 a label=a\n2 b label=b\n",
     NULL},
};

static void what_lies_beside_an_inventory_is_read_as_ansible_does(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *name = cases[i].name;
        struct inventory_report report;
        struct error e;
        size_t count = 0;
        while (count < COUNT_OF(cases[i].files) && cases[i].files[count].path != NULL) count++;
        enum error_code code =
            read_with(str_from_c(cases[i].inventory), cases[i].files, count, &report, &e);
        if (code != OK) fail_msg("row \"%s\": %s", name, e.message);
        if (!str_equal(text_str(&told.text), str_from_c(cases[i].servers)))
            fail_msg("row \"%s\": got\n%.*s", name, STR_FMT(text_str(&told.text)));
        str problem = report.problems.count > 0 ? report.problems.at[0] : STR_EMPTY;
        if (!str_equal(problem, str_from_c(cases[i].problem)))
            fail_msg("row \"%s\": told \"%.*s\"", name, STR_FMT(problem));
        assert_row(name, report.problems.total == (cases[i].problem != NULL));
    }
}

/* A folder that holds itself, by a link. */
static bool endless_list(void *self, str file, str folder, struct arena *arena, const str **names,
                         size_t *count, const char **why) {
    static const str inner[] = {T("a")};
    *names = inner;
    *count = 1;
    return str_starts(folder, STR("host_vars"));
}

static void folders_that_hold_themselves_come_to_an_end(void **state) {
    struct files none = {NULL, 0};
    struct inventory_opener opener = {test_open, &none, endless_list};
    struct inventory_options options = {.format = INVENTORY_ANSIBLE, .opener = &opener};
    struct arena arena = arena_over(problems_memory, sizeof problems_memory);
    struct inventory_sink sink = {told_server, &told};
    struct inventory_report report;
    struct error e;
    told_begin(&told);
    assert_ok(inventory_read(STR("hosts"), STR("a\n"), &options, &sink, &arena,
                             arena_over(memory, sizeof memory), &report, &e),
              &e);
    assert_int_equal(report.problems.total, 1);
    assert_str(
        report.problems.at[0],
        STR("hosts: expected variables in \"host_vars/a/a/a/a/a/a/a/a/a\" beside it: folders "
            "within folders over 8 deep"));
}

/* What is read of a file goes before the next is: eight that take 4 MiB each fit in 16. */
static void files_of_many_hosts_take_the_room_of_one(void **state) {
    enum { FILE_BYTES = 1 << 16 };
    static char bytes[FILE_BYTES];
    struct text text = text_into(bytes, sizeof bytes - 1);
    text_format(&text, "country: JP\n");
    while (text.len + 32 < sizeof bytes) text_format(&text, "key%zu: value\n", text.len);
    const struct file files[] = {{"group_vars/all/a", bytes}, {"group_vars/all/b", bytes},
                                 {"group_vars/all/c", bytes}, {"group_vars/all/d", bytes},
                                 {"group_vars/all/e", bytes}, {"group_vars/all/f", bytes},
                                 {"group_vars/all/g", bytes}, {"group_vars/all/h", bytes}};
    struct inventory_report report;
    struct error e;
    assert_ok(read_with(STR("a\n"), files, COUNT_OF(files), &report, &e), &e);
    assert_str(text_str(&told.text), STR("1 a label=a country=JP\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lies_beside_an_inventory_is_read_as_ansible_does),
        cmocka_unit_test(folders_that_hold_themselves_come_to_an_end),
        cmocka_unit_test(files_of_many_hosts_take_the_room_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
