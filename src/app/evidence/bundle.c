/* azekura prove --bundle: everything of a period, for an inspector. The store writes its entries and
 * signs; cover sheet and page come from here. */
#include "app/evidence/bundle.h"

#include "app/commands.h"
#include "app/reach/call.h"
#include "base/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY_BYTES = 10 }; /* 2026-11-30 */

struct bundling {
    struct call call;
    const char *from, *to, *whom, *out;
    struct option_list open, registers, rulebooks;
    char dir[4096];
    int64_t from_ns, until_ns;
    json_t *cover;
    json_t *cut; /* the log whose files are gone and that the period reaches; NULL: none */
};

static enum error_code time_read(const char *option, const char *text, bool day_included,
                                 int64_t *out, struct error *e) {
    if (text == NULL) return error_set(e, FAIL_USAGE, "--%s is missing: which period?", option);
    if (!clock_iso_read(str_from_c(text), out))
        return error_set(e, FAIL_USAGE, "--%s takes a day or time such as 2026-11-30, not \"%s\"",
                         option, text);
    if (day_included && strlen(text) == DAY_BYTES) *out += 24 * 3600 * NS_PER_S;
    return OK;
}

static enum error_code period_read(struct bundling *b, struct error *e) {
    TRY(time_read("from", b->from, false, &b->from_ns, e));
    TRY(time_read("to", b->to, true, &b->until_ns, e));
    if (b->from_ns / (60 * NS_PER_S) >= b->until_ns / (60 * NS_PER_S))
        return error_set(e, FAIL_USAGE, "the period is empty: --to is not after --from");
    if (b->whom == NULL) return error_set(e, FAIL_USAGE, "--for is missing: for whom is it?");
    if (b->out == NULL) return error_set(e, FAIL_USAGE, "say where with -o DIR");
    if (b->rulebooks.count > 0 && b->registers.count == 0)
        return error_set(e, FAIL_USAGE, "--rulebook goes with --register");
    return OK;
}

/* What is sealed is what this command wrote and nothing else. */
static enum error_code folder_is_empty(const char *dir, struct error *e) {
    struct dirent **names;
    int count = scandir(dir, &names, NULL, NULL);
    if (count < 0) return error_set(e, FAIL_SYSTEM, "cannot list the folder \"%.100s\"", dir);
    for (int i = 0; i < count; i++) free(names[i]);
    free(names);
    if (count <= 2) return OK; /* "." and ".." */
    return error_set(e, FAIL_EXISTS, "\"%.100s\" is not empty: a bundle needs a folder of its own",
                     dir);
}

static void request_fill(struct bundling *b) {
    static const char *const usual[] = {"time", "dataset", "facts"};
    json_t *fields = json_array();
    char time[CLOCK_TEXT_BYTES];
    bool none = b->open.count == 1 && strcmp(b->open.at[0], "none") == 0;
    for (size_t i = 0; i < b->open.count && !none; i++)
        json_array_append_new(fields, json_string(b->open.at[i]));
    for (size_t i = 0; i < COUNT_OF(usual) && b->open.count == 0; i++)
        json_array_append_new(fields, json_string(usual[i]));
    json_object_set_new(b->call.request, "open", fields);
    call_put(&b->call, "for", b->whom);
    call_put(&b->call, "to", b->dir);
    clock_iso_s_write(b->from_ns, time);
    call_put(&b->call, "from", time);
    clock_iso_s_write(b->until_ns, time);
    call_put(&b->call, "until", time);
}

static enum error_code file_write(struct bundling *b, const char *name, str bytes,
                                  struct error *e) {
    char path[4096 + 32];
    snprintf(path, sizeof path, "%s/%s", b->dir, name);
    return disk_file_replace(AT_FDCWD, path, bytes, 0644, e);
}

/* By the register named, or the store's own as it was held when the period ended. A store that did not
 * note what it held then says so, and the bundle is made all the same. */
static enum error_code assessment_add(struct bundling *b, struct error *e) {
    int64_t now = clock_wall_ns();
    bool is_over = b->until_ns < now;
    struct bundle_assessing ask = {
        .registers = &b->registers,
        .rulebooks = &b->rulebooks,
        .data = b->call.data != NULL ? b->call.data : "./data",
        .credentials = b->call.credentials,
        .store_site = json_string_value(json_object_get(json_object_get(b->cover, "site"), "id")),
        .at_ns = is_over ? b->until_ns - 1 : now,
        .held_ns = is_over ? b->until_ns - 1 : 0,
    };
    json_t *assessment;
    enum error_code code = bundle_assess(&ask, &assessment, e);
    if (code == OK) json_object_set_new(b->cover, "assessment", assessment);
    if (code != FAIL_NOT_FOUND || b->registers.count > 0) return code;
    fprintf(stderr, "%s: the cover has no assessment: %s\n", b->call.command, e->message);
    return OK;
}

static enum error_code cover_make(struct bundling *b, struct error *e) {
    char time[CLOCK_TEXT_BYTES], path[4096 + 32];
    b->cover = json_pack("{s:s}", "format", "azekura-cover@v1");
    json_object_set_new(b->cover, "for", json_string(b->whom));
    clock_iso_s_write(b->from_ns, time);
    json_object_set_new(b->cover, "from", json_string(time));
    clock_iso_s_write(b->until_ns, time);
    json_object_set_new(b->cover, "until", json_string(time));
    b->cut = json_incref(json_object_get(b->call.reply, "cut_short"));
    json_object_del(b->call.reply, "cut_short"); /* no part of the format */
    json_object_update(b->cover, b->call.reply);
    TRY(assessment_add(b, e));
    char *text = json_dumps(b->cover, JSON_INDENT(1));
    if (text == NULL) return error_set(e, FAIL_USAGE, "--for is not UTF-8");
    enum error_code code = file_write(b, "cover.json", str_from_c(text), e);
    free(text);
    if (code != OK) return code;
    if (b->cut != NULL) json_object_set(b->cover, "cut_short", b->cut);
    snprintf(path, sizeof path, "%s/cover.html", b->dir);
    TRY(cover_write(b->cover, path, e));
    return file_write(b, "verify.html", str_of(bundle_page, bundle_page_bytes), e);
}

static bool bundle_make(struct bundling *b) {
    struct error e = {0};
    enum error_code code = period_read(b, &e);
    if (code == OK && !call_folder(b->call.command, b->out, b->dir)) return false;
    if (code == OK) code = folder_is_empty(b->dir, &e);
    if (code == OK) {
        request_fill(b);
        if (!call_run(&b->call, "bundle/write")) return false;
        code = cover_make(b, &e);
    }
    if (code != OK) {
        command_fail(b->call.command, &e);
        return false;
    }
    json_decref(b->call.reply);
    b->call.reply = NULL;
    return call_run(&b->call, "bundle/seal");
}

static void say(const struct bundling *b) {
    const char *key = json_string_value(json_object_get(b->cover, "key"));
    long long entries = json_integer_value(json_object_get(b->cover, "entries"));
    long long withheld = json_integer_value(json_object_get(b->cover, "withheld"));
    printf("wrote %lld entries to %s; print cover.html; open verify.html there, or:\n"
           "  azekura-verify --key '%s' --bundle ",
           entries, b->dir, key);
    call_print_path(b->dir);
    printf("\ngive the key by another way than the bundle\n");
    if (withheld > 0) printf("%lld openings were destroyed and could not be shown\n", withheld);
    if (b->until_ns > clock_wall_ns())
        printf("the period is not over: later entries are not in it\n");
}

static void cut_say(const struct bundling *b) {
    const char *log = json_string_value(json_object_get(b->cut, "log"));
    const json_t *left = json_object_get(b->cut, "left");
    char entries[80] = "";
    if (left != NULL)
        snprintf(entries, sizeof entries, ", of which %lld entries were left,",
                 (long long)json_integer_value(left));
    fprintf(stderr,
            "%s: the bundle is cut short: the files of the log %s%s are gone, and whatever of the "
            "period is in it or in a log before it is missing. It does not verify; with those "
            "files back in the store's folder, make it again\n",
            b->call.command, log, entries);
}

int command_bundle(int argc, char **argv) {
    static struct bundling b;
    static bool is_bundle;
    const struct option options[] = {
        {"bundle", OPTION_FLAG, &is_bundle, NULL, "everything of a period, for an inspector"},
        {"from", OPTION_TEXT, &b.from, "TIME", "the period's first day (UTC) or minute"},
        {"to", OPTION_TEXT, &b.to, "TIME",
         "its last day (UTC), which is included, or the first minute after it"},
        {"for", OPTION_TEXT, &b.whom, "NAME", "for whom: stands on the cover"},
        {"open", OPTION_LIST, &b.open, "FIELD",
         "show this field of each entry: bucket key version size digest time user address facts "
         "request dataset source detail subject, or none (time dataset facts; repeatable)"},
        {"register", OPTION_LIST, &b.registers, "PATH",
         "assess this register for the cover (the store's own, as held when the period ended; "
         "repeatable)"},
        {"rulebook", OPTION_LIST, &b.rulebooks, "PATH",
         "with --register: by these rulebooks (repeatable; the ones that came with the program)"},
        {"o", OPTION_TEXT, &b.out, "DIR", "new folder to write to"},
        CALL_OPTIONS(b.call),
        {0}};
    const struct command_line line = {
        .command = "azekura prove --bundle",
        .synopsis = "--from TIME --to TIME --for NAME [--open FIELD]… -o DIR",
        .about =
            "Writes a folder that an inspector can check without this store: every ledger entry "
            "of\n"
            "the period, the fields you open, a cover sheet to print, and a page that verifies it\n"
            "all from disk in any browser. Signed with the log's key. Give the key by another way.",
        .examples =
            "  azekura prove --bundle --from 2026-11-01 --to 2026-11-30 --for \"METI, Sendai\" \\\n"
            "      --open time --open facts -o ./november\n"
            "  azekura-verify --key ledger.vkey --bundle ./november\n",
        .options = options};
    const char *words[1];
    int ended;
    if (!options_read(&line, argc, argv, words, 1, &ended)) return ended;
    if (!call_begin(&b.call, line.command)) return 1;
    bool done = bundle_make(&b);
    if (done && call_wants_json(&b.call)) {
        json_dumpf(b.cover, stdout, JSON_INDENT(2));
        printf("\n");
    } else if (done) {
        say(&b);
    }
    bool is_whole = done && b.cut == NULL;
    if (done && !is_whole) cut_say(&b);
    json_decref(b.cut);
    json_decref(b.cover);
    call_end(&b.call);
    return is_whole ? 0 : 1;
}
