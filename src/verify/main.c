/* azekura-verify: checks what an Azekura store says of itself, with nothing but its public key.
 *
 * Reads top to bottom: words, files, the check, the answer. No server code is linked. */
#include "verify/bundle.h"
#include "verify/exported.h"
#include "verify/ledger.h"
#include "verify/location.h"
#include "verify/proof.h"
#include "verify/store.h"
#include "verify/summary.h"
#include "verify/web.h"

#include "base/disk.h"
#include "locproof/locproof.h"

#include <fcntl.h>
#include <unistd.h>

enum { EXIT_VERIFIED = 0, EXIT_NOT_VERIFIED = 1, EXIT_USAGE = 2 };
#define ARENA_BYTES ((size_t)256 << 20) /* address space; pages cost once touched */

enum { KEYS_MAX = 16, LOCATION_BYTES = 64 << 20 /* 1,024 pieces: some 40 MB */ };

struct options {
    const char *keys[KEYS_MAX], *issuers[KEYS_MAX], *landmarks[KEYS_MAX];
    size_t key_count, issuer_count, landmark_count;
    const char *policy, *credentials, *entry, *since, *ledger, *store, *bundle, *file, *ca;
    const char *location, *note;
    bool json, summary, help, version;
};

static const char help[] =
    "azekura-verify checks what an Azekura store says of itself, offline, with its public key.\n"
    "\n"
    "  azekura-verify --key VKEY [--policy FILE] PROOF-FILE\n"
    "  azekura-verify --key VKEY [--policy FILE] --ledger DIR-or-URL [--store EXPORT-DIR]\n"
    "                 [--issuer VKEY]… [--summary]\n"
    "  azekura-verify --key VKEY [--policy FILE] --bundle DIR [--issuer VKEY]…\n"
    "  azekura-verify --key VKEY [--policy FILE] --location TRANSCRIPT --landmark VKEY…\n"
    "\n"
    "  --key VKEY          the log's verifier key, \"name+id+key\", or a file that holds it; "
    "again\n"
    "                      for logs that came before, where another key signed them\n"
    "  --policy FILE       which witnesses have to have cosigned (c2sp.org/tlog-policy);\n"
    "                      without one the result is signed by the operator alone\n"
    "  --entry FILE        the entry's bytes, where the proof file does not carry them\n"
    "  --ledger DIR|URL    check a whole ledger: a directory in tlog-tiles layout (azekura ledger\n"
    "                      export), or the console of a running store; logs that came before, as\n"
    "                      the first entries name them, are checked with it\n"
    "  --since FILE        an older checkpoint of the same log, or of one that came before, which\n"
    "                      has to be a beginning of it\n"
    "  --credentials FILE  lines access_key=… and secret_key=… of an inspector, for a URL\n"
    "  --ca FILE           certificates to trust for an https URL, instead of the system's\n"
    "  --store DIR         hold a store against the ledger's entries (azekura store export)\n"
    "  --bundle DIR        check what an inspector was given (azekura prove --bundle): every "
    "file,\n"
    "                      every entry of the period, the opened fields, the cover's counts\n"
    "  --issuer VKEY       an issuer of rulebooks, or a file that holds its key; again for "
    "others:\n"
    "                      with --bundle or --store, rulebooks are to be as it signed them\n"
    "  --location FILE     check what a landmark measured of the store's place (azekura landmark\n"
    "                      challenge --transcript): draws, pieces, figures and verdict again\n"
    "  --note FILE         the landmark's signed report on it (FILE.note beside the transcript)\n"
    "  --landmark VKEY     the landmark's verifier key, or a file that holds it; again for peers\n"
    "                      that cosigned\n"
    "  --summary           count the entries anew: acts by decision, sector, class, site and\n"
    "                      clause; with --store also list each version with its entry\n"
    "  --format text|json\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 verified, 1 not verified or not to be read, 2 wrong usage.\n"
    "\n"
    "Examples\n"
    "  # one object's proof, with the key that the store printed when it started\n"
    "  azekura-verify --key ledger.example.jp/site-a+72ad1ea7+ARpb… feeder-7.tlog-proof\n"
    "  # the same, and two of three ministries' witnesses have to have seen that history\n"
    "  azekura-verify --key ledger.vkey --policy ministries.policy feeder-7.tlog-proof\n"
    "  # every entry, every tile, and the store's objects against them\n"
    "  azekura-verify --key ledger.vkey --ledger ./ledger --store ./export\n"
    "  # what was decided, counted from the entries, and every version with its entry\n"
    "  azekura-verify --key ledger.vkey --ledger ./ledger --store ./export --summary\n"
    "  # what the operator handed over for November\n"
    "  azekura-verify --key ledger.vkey --bundle ./november\n"
    "  # where it stood: what a landmark measured, cosigned by another\n"
    "  azekura-verify --key ledger.vkey --location osaka.proof --landmark osaka.vkey \\\n"
    "      --landmark kobe.vkey\n"
    "  # a running store, as an inspector\n"
    "  azekura-verify --key ledger.vkey --credentials inspector.txt --ledger https://store:9001\n";

/* ---- words */

static bool option_value(int argc, char **argv, int *i, const char *name, const char **out) {
    size_t length = strlen(name);
    if (strncmp(argv[*i], name, length) != 0) return false;
    if (argv[*i][length] == '=') {
        *out = argv[*i] + length + 1;
        return true;
    }
    if (argv[*i][length] != 0 || *i + 1 >= argc) return false;
    *out = argv[++*i];
    return true;
}

static enum error_code options_read(int argc, char **argv, struct options *o, struct error *e) {
    const char *format = NULL, *key = NULL, *issuer = NULL, *landmark = NULL;
    const struct {
        const char *name, **value;
    } table[] = {
        {"--key", &key},          {"--policy", &o->policy},  {"--credentials", &o->credentials},
        {"--entry", &o->entry},   {"--since", &o->since},    {"--ledger", &o->ledger},
        {"--store", &o->store},   {"--format", &format},     {"--ca", &o->ca},
        {"--bundle", &o->bundle}, {"--issuer", &issuer},     {"--location", &o->location},
        {"--note", &o->note},     {"--landmark", &landmark},
    };
    for (int i = 1; i < argc; i++) {
        bool known = false;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            o->help = known = true;
        } else if (strcmp(argv[i], "--version") == 0) {
            o->version = known = true;
        } else if (strcmp(argv[i], "--summary") == 0) {
            o->summary = known = true;
        }
        for (size_t t = 0; t < COUNT_OF(table) && !known; t++)
            known = option_value(argc, argv, &i, table[t].name, table[t].value);
        if ((key && o->key_count == KEYS_MAX) || (issuer && o->issuer_count == KEYS_MAX) ||
            (landmark && o->landmark_count == KEYS_MAX))
            return error_set(e, FAIL_USAGE, "over %d keys", KEYS_MAX);
        if (key) o->keys[o->key_count++] = key;
        if (issuer) o->issuers[o->issuer_count++] = issuer;
        if (landmark) o->landmarks[o->landmark_count++] = landmark;
        key = issuer = landmark = NULL;
        if (known) continue;
        if (argv[i][0] == '-' && argv[i][1] != 0)
            return error_set(e, FAIL_USAGE, "\"%s\" is not an option, or lacks its value", argv[i]);
        if (o->file) return error_set(e, FAIL_USAGE, "one proof file at a time");
        o->file = argv[i];
    }
    if (format && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
        return error_set(e, FAIL_USAGE, "--format is text or json");
    o->json = format && strcmp(format, "json") == 0;
    if (o->help || o->version) return OK;
    if (o->key_count == 0)
        return error_set(e, FAIL_USAGE, "--key is missing: nothing can be checked without");
    if ((o->file != NULL) + (o->ledger != NULL) + (o->bundle != NULL) + (o->location != NULL) != 1)
        return error_set(e, FAIL_USAGE,
                         "name a proof file, or a ledger with --ledger, or --bundle or --location");
    if (!o->ledger && (o->store || o->since || o->credentials || o->summary))
        return error_set(e, FAIL_USAGE,
                         "--store, --since, --credentials and --summary go with --ledger");
    if (!o->bundle && !o->store && o->issuer_count > 0)
        return error_set(e, FAIL_USAGE, "--issuer goes with --bundle or --store");
    if (o->location && o->landmark_count == 0)
        return error_set(e, FAIL_USAGE,
                         "--landmark is missing: the key of the landmark that signed");
    if (!o->location && (o->note || o->landmark_count > 0))
        return error_set(e, FAIL_USAGE, "--note and --landmark go with --location");
    if (!o->file && o->entry) return error_set(e, FAIL_USAGE, "--entry goes with a proof file");
    return OK;
}

/* ---- files */

static enum error_code file_read(const char *path, size_t bytes_max, struct arena *arena, str *out,
                                 struct error *e) {
    enum error_code code = disk_file_read(AT_FDCWD, path, bytes_max, arena, out, e);
    return code == OK ? OK : error_note(e, "azekura-verify", "reading %s", path);
}

/* A verifier key, or the name of a file whose first line is one. */
static enum error_code key_read(const char *option, const char *text, struct arena *arena,
                                struct tlog_vkey *out, struct error *e) {
    str vkey = str_from_c(text), line;
    size_t plus;
    if (access(text, R_OK) == 0 || !str_find_char(vkey, '+', &plus)) {
        TRY(file_read(text, 4096, arena, &vkey, e));
        if (str_cut(&vkey, '\n', &line)) vkey = line;
    }
    TRY(tlog_vkey_parse(str_trim(vkey), out, e));
    if (out->type != TLOG_KEY_ED25519)
        return error_set(e, FAIL_USAGE, "%s is a witness's key (type 0x04)", option);
    return OK;
}

static enum error_code trust_read(const struct options *o, struct arena *arena,
                                  struct verify_trust *out, struct error *e) {
    struct tlog_vkey *more = arena_new(arena, struct tlog_vkey, KEYS_MAX);
    if (!more) return error_set(e, FAIL_MEMORY, "no room for keys");
    struct tlog_vkey *issuers = arena_new(arena, struct tlog_vkey, KEYS_MAX);
    if (!issuers) return error_set(e, FAIL_MEMORY, "no room for keys");
    for (size_t i = 0; i < o->issuer_count; i++)
        TRY(key_read("--issuer", o->issuers[i], arena, &issuers[i], e));
    out->issuers = issuers;
    out->issuer_count = o->issuer_count;
    TRY(key_read("--key", o->keys[0], arena, &out->log, e));
    for (size_t i = 1; i < o->key_count; i++)
        TRY(key_read("--key", o->keys[i], arena, &more[i - 1], e));
    out->more = more;
    out->more_count = o->key_count - 1;
    out->policy = NULL;
    if (!o->policy) return OK;
    str text;
    struct tlog_policy *policy = arena_new(arena, struct tlog_policy, 1);
    if (!policy) return error_set(e, FAIL_MEMORY, "no room for a policy");
    TRY(file_read(o->policy, TLOG_POLICY_BYTES_MAX, arena, &text, e));
    TRY(tlog_policy_parse(text, policy, e));
    out->policy = policy;
    return OK;
}

/* ---- the check */

static enum error_code proof_run(const struct options *o, const struct verify_trust *trust,
                                 struct arena *arena, struct verify_result *result,
                                 struct error *e) {
    str file, entry = STR_EMPTY;
    TRY(file_read(o->file, TLOG_PROOF_BYTES_MAX, arena, &file, e));
    if (o->entry) {
        TRY(file_read(o->entry, TLOG_ENTRY_BYTES_MAX, arena, &entry, e));
        if (!entry.at) entry = STR("");
    }
    return verify_proof(trust, file, entry, arena, result, e);
}

static enum error_code location_run(const struct options *o, const struct verify_trust *trust,
                                    struct arena *arena, struct verify_result *result,
                                    struct error *e) {
    struct verify_location location = {.landmark_count = o->landmark_count};
    struct tlog_vkey *keys = arena_new(arena, struct tlog_vkey, KEYS_MAX);
    str beside = str_from_c(o->note ? o->note : "");
    if (!keys) return error_set(e, FAIL_MEMORY, "no room for keys");
    for (size_t i = 0; i < o->landmark_count; i++)
        TRY(key_read("--landmark", o->landmarks[i], arena, &keys[i], e));
    location.landmarks = keys;
    if (!o->note) TRY(arena_format(arena, &beside, e, "%s.note", o->location));
    TRY(file_read(beside.at, LOCPROOF_REPORT_BYTES, arena, &location.note, e));
    TRY(file_read(o->location, LOCATION_BYTES, arena, &location.transcript, e));
    return verify_location(trust, &location, arena, result, e);
}

static void progress_show(uint64_t done, uint64_t all) {
    fprintf(stderr, "\r%llu of %llu entries", (unsigned long long)done, (unsigned long long)all);
    if (done + 16384 > all) fprintf(stderr, "\r%60s\r", "");
}

/* What a walk over a ledger is for, beside the ledger itself. */
struct wanted {
    struct verify_store store;
    struct verify_exported exported;
    struct verify_summary summary;
    struct verify_observer observers[3];
};

static enum error_code wanted_open(const struct options *o, struct wanted *w,
                                   struct verify_ledger *ledger, const struct verify_line *line,
                                   struct arena *arena, struct verify_result *result,
                                   struct error *e) {
    ledger->observers = w->observers;
    if (o->store) {
        TRY(verify_store_open(&w->store, o->store, line, arena, result, e));
        w->exported.places = w->store.places;
        w->observers[ledger->observer_count++] = verify_store_observer(&w->store);
        w->observers[ledger->observer_count++] = verify_exported_observer(&w->exported);
    }
    if (!o->summary) return OK;
    TRY(verify_summary_open(&w->summary, e));
    w->observers[ledger->observer_count++] = verify_summary_observer(&w->summary);
    result->more = verify_summary_more(&w->summary);
    if (!o->store) return OK;
    w->summary.list = w->store.list = tmpfile(); /* not shown before all of it holds */
    w->store.list_json = o->json;
    return w->store.list ? OK : error_set(e, FAIL_SYSTEM, "no temporary file for the store's list");
}

/* What an export has beside its listing. */
static enum error_code rulebooks_check(const char *store, const struct verify_exported *exported,
                                       const struct verify_trust *trust, const struct arena *arena,
                                       struct verify_result *result, struct error *e) {
    struct verify_folder folder;
    struct verify_source source;
    TRY(verify_folder_open(store, &folder, &source, e));
    enum error_code code =
        verify_exported_check(exported, trust, &folder, &source, *arena, result, e);
    verify_folder_close(&folder);
    return code;
}

static enum error_code ledger_check(const struct options *o, struct verify_ledger *ledger,
                                    struct wanted *w, struct arena *arena,
                                    struct verify_result *result, struct error *e) {
    struct verify_line line;
    TRY(verify_ledger_head(ledger, arena, result, &line, e));
    enum error_code code = wanted_open(o, w, ledger, &line, arena, result, e);
    if (code == OK) code = verify_ledger_check(ledger, &line, arena, result, e);
    if (code == OK && o->store) code = verify_store_finish(&w->store, e);
    if (code == OK && o->store)
        code = rulebooks_check(o->store, &w->exported, ledger->trust, arena, result, e);
    if (code == OK && w->store.list && ferror(w->store.list))
        code = error_set(e, FAIL_SYSTEM, "the temporary file for the store's list is full");
    verify_store_close(&w->store);
    return code;
}

static enum error_code ledger_run(const struct options *o, const struct verify_trust *trust,
                                  struct wanted *wanted, struct arena *arena,
                                  struct verify_result *result, struct error *e) {
    struct verify_source source;
    struct verify_ledger ledger = {.trust = trust, .source = &source};
    if (isatty(STDERR_FILENO)) ledger.progress = progress_show;
    if (o->since) {
        TRY(file_read(o->since, TLOG_NOTE_BYTES_MAX, arena, &ledger.since, e));
        if (!ledger.since.at) ledger.since = STR("");
    }
    if (verify_web_is_url(o->ledger)) {
        struct verify_web web;
        TRY(verify_web_open(o->ledger, o->credentials, o->ca, arena, &web, &source, e));
        enum error_code code = ledger_check(o, &ledger, wanted, arena, result, e);
        verify_web_close(&web);
        return code;
    }
    struct verify_folder folder;
    TRY(verify_folder_open(o->ledger, &folder, &source, e));
    enum error_code code = ledger_check(o, &ledger, wanted, arena, result, e);
    verify_folder_close(&folder);
    return code;
}

static enum error_code check_run(const struct options *o, struct wanted *wanted,
                                 struct arena *arena, struct verify_result *result,
                                 struct error *e) {
    struct verify_trust *trust = arena_new(arena, struct verify_trust, 1);
    if (!trust) return error_set(e, FAIL_MEMORY, "no room to begin");
    TRY(trust_read(o, arena, trust, e));
    if (o->bundle) return verify_bundle(trust, o->bundle, arena, result, e);
    if (o->location) return location_run(o, trust, arena, result, e);
    if (o->ledger) return ledger_run(o, trust, wanted, arena, result, e);
    return proof_run(o, trust, arena, result, e);
}

int main(int argc, char **argv) {
    struct options options = {.key_count = 0};
    struct error e;
    char text[1024];
    if (options_read(argc, argv, &options, &e) != OK) {
        fprintf(stderr, "azekura-verify: %s; --help tells more\n",
                error_text(&e, text, sizeof text));
        return EXIT_USAGE;
    }
    if (options.help || options.version) {
        fputs(options.help ? help : "azekura-verify " AZEKURA_VERSION "\n", stdout);
        return EXIT_VERIFIED;
    }
    struct arena_space space, texts_space;
    struct arena arena, texts;
    if (arena_space_open(&space, ARENA_BYTES, &arena, &e) != OK ||
        arena_space_open(&texts_space, (size_t)16 << 20, &texts, &e) != OK) {
        fprintf(stderr, "azekura-verify: %s\n", error_text(&e, text, sizeof text));
        return EXIT_NOT_VERIFIED;
    }
    static struct verify_result result;
    static struct wanted wanted;
    result.arena = &texts;
    enum error_code code = check_run(&options, &wanted, &arena, &result, &e);
    bool holds = verify_result_print(&result, code == OK ? NULL : &e, options.json, stdout);
    verify_summary_close(&wanted.summary);
    arena_space_release(&texts_space);
    arena_space_release(&space);
    if (code == FAIL_USAGE) return EXIT_USAGE;
    return holds && fflush(stdout) == 0 ? EXIT_VERIFIED : EXIT_NOT_VERIFIED;
}
