/* azekura landmark: the responder at a known place, the challenge of a store, a kept one checked. */
#include "app/landmark/landmarks.h"

#include "app/commands.h"
#include "app/options.h"
#include "base/disk.h"
#include "base/log.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    EXIT_NOT_WITHIN = 1,
    EXIT_FAILED = 4,
    ARENA_BYTES = 1 << 30, /* address space: 32,768 draws, each with what shows it */
};

struct landmark_words {
    const char *listen, *key, *at, *name, *site, *format, *lang, *out, *transcript, *ledger,
        *max_km, *error_m, *note, *attest, *sig, *ak, *record, *nv_name;
    struct option_list peers, vkeys;
    uint64_t rounds, every_s;
    /* read from them */
    struct tlog_signer signer;
    struct locproof_place place;
    struct landmark_peer peer[LOCPROOF_PEERS_MAX];
    struct tlog_vkey ledger_key;
    double max;
};

static int told(const char *what, const struct error *e, int status) {
    char text[1400];
    fprintf(stderr, "azekura landmark %s: %s\n", what, error_text(e, text, sizeof text));
    return status;
}

/* ---- words ---- */

static enum error_code number_of(const char *option, const char *text, double most, double *out,
                                 struct error *e) {
    char *end;
    *out = strtod(text, &end);
    if (end != text && *end == 0 && *out >= 0 && *out <= most) return OK;
    return error_set(e, FAIL_USAGE, "%s takes a number, 0 to %.0f, not \"%s\"", option, most, text);
}

static enum error_code place_read(struct landmark_words *w, struct error *e) {
    double error_m = 0;
    if (w->at != NULL && !locproof_point_read(str_from_c(w->at), &w->place.at))
        return error_set(e, FAIL_USAGE, "--at takes LAT,LON in degrees, not \"%s\"", w->at);
    if (w->error_m != NULL) TRY(number_of("--error", w->error_m, 1e7, &error_m, e));
    w->place.error_m = (uint32_t)ceil(error_m);
    return OK;
}

static enum error_code peers_read(struct landmark_words *w, struct error *e) {
    if (w->peers.count > LOCPROOF_PEERS_MAX)
        return error_set(e, FAIL_USAGE, "%zu peers; %d is the limit", w->peers.count,
                         LOCPROOF_PEERS_MAX);
    if (w->peers.count > 0 && w->at == NULL)
        return error_set(e, FAIL_USAGE, "--peer needs --at: what is held against what");
    for (size_t i = 0; i < w->peers.count; i++)
        TRY(landmark_peer_read(str_from_c(w->peers.at[i]), &w->peer[i], e));
    return OK;
}

/* The key in --key; a name makes one where there is none. */
static enum error_code key_take(struct landmark_words *w, struct error *e) {
    const char *path = w->key != NULL ? w->key : "landmark.key";
    enum error_code code = landmark_key_load(path, &w->signer, e);
    if (code == FAIL_NOT_FOUND && w->name != NULL) {
        struct tlog_vkey made;
        TRY(landmark_key_make(path, str_from_c(w->name), &made, e));
        code = landmark_key_load(path, &w->signer, e);
    } else if (code == FAIL_NOT_FOUND) {
        return error_set(
            e, FAIL_USAGE,
            "there is no key %s; `azekura landmark key --name NAME --key %s` makes one", path,
            path);
    }
    TRY(code);
    str name = tlog_vkey_name(&w->signer.vkey);
    if (w->name == NULL || str_equal(name, str_from_c(w->name))) return OK;
    return error_set(e, FAIL_USAGE, "the key %s is that of %.*s, not of %s", path, STR_FMT(name),
                     w->name);
}

static void vkey_print(const char *before, const struct tlog_vkey *key) {
    char text[TLOG_VKEY_TEXT_BYTES];
    printf("%s%.*s\n", before, (int)tlog_vkey_write(key, text), text);
    fflush(stdout);
}

/* ---- key ---- */

static int key_run(struct landmark_words *w) {
    struct error e = {0};
    if (w->name == NULL && w->key == NULL)
        error_set(&e, FAIL_USAGE, "--name NAME makes a key, --key FILE shows one");
    else if (key_take(w, &e) == OK) {
        vkey_print("", &w->signer.vkey);
        tlog_signer_wipe(&w->signer);
        return 0;
    }
    return told("key", &e, e.code == FAIL_USAGE ? EXIT_USAGE : EXIT_FAILED);
}

/* ---- serve ---- */

struct serving {
    const struct landmark_words *w;
    bool was_dropped[LOCPROOF_PEERS_MAX + 1];
};

/* A line when a landmark is dropped, and when it is believed again. */
static void round_tell(void *self, const struct landmark_timed *timed, size_t count,
                       const bool *dropped, bool disputed) {
    struct serving *s = self;
    for (size_t i = 0; i <= count; i++) {
        if (dropped[i] == s->was_dropped[i]) continue;
        str name = tlog_vkey_name(i == 0 ? &s->w->signer.vkey : &s->w->peer[i - 1].key);
        printf("%s landmark=%.*s\n", dropped[i] ? "dropped" : "believed", STR_FMT(name));
        s->was_dropped[i] = dropped[i];
    }
    fflush(stdout);
}

static int serve_run(struct landmark_words *w) {
    struct serving serving = {.w = w};
    struct landmark_server *server;
    struct landmark_server_options options = {.signer = &w->signer,
                                              .peers = w->peer,
                                              .peer_count = w->peers.count,
                                              .every_ns = (int64_t)w->every_s * NS_PER_S,
                                              .round = round_tell,
                                              .self = &serving};
    struct error e = {0};
    sigset_t signals;
    int number;
    if (w->listen == NULL || w->at == NULL)
        error_set(&e, FAIL_USAGE, "--listen ADDR:PORT and --at LAT,LON are needed");
    else if (w->every_s == 0 || w->every_s > 86400)
        error_set(&e, FAIL_USAGE, "--every takes 1 to 86400 seconds");
    if (e.code != OK || place_read(w, &e) != OK || peers_read(w, &e) != OK ||
        key_take(w, &e) != OK ||
        net_address_read(str_from_c(w->listen), &options.address, &e) != OK)
        return told("serve", &e, EXIT_USAGE);
    options.place = w->place;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before threads start: they inherit it */
    if (log_open(2, LOG_INFO, &e) != OK || landmark_server_open(&options, &server, &e) != OK) {
        tlog_signer_wipe(&w->signer);
        log_close();
        return told("serve", &e, EXIT_FAILED);
    }
    char text[NET_TEXT_BYTES];
    struct net_address at = landmark_server_address(server);
    net_address_write(&at, text);
    printf("ready landmark=%s ", text);
    vkey_print("vkey=", &w->signer.vkey);
    sigwait(&signals, &number);
    landmark_server_close(server);
    tlog_signer_wipe(&w->signer);
    log_close();
    return 0;
}

/* ---- challenge ---- */

static void progress(void *self, uint32_t done, uint32_t all) {
    fprintf(stderr, "\r%u/%u pieces", done, all);
    if (done == all) fputs("\r\033[K", stderr);
    fflush(stderr);
}

/* How a result is told, and what it is held against. */
static enum error_code telling_read(struct landmark_words *w, struct error *e) {
    if (strcmp(w->format, "text") != 0 && strcmp(w->format, "json") != 0)
        return error_set(e, FAIL_USAGE, "--format takes text or json, not \"%s\"", w->format);
    if (strcmp(w->lang, "en") != 0 && strcmp(w->lang, "ja") != 0)
        return error_set(e, FAIL_USAGE, "--lang takes en or ja, not \"%s\"", w->lang);
    if (w->max_km == NULL) return OK;
    TRY(number_of("--max-km", w->max_km, 20100, &w->max, e));
    if (w->max > 0) return OK;
    return error_set(e, FAIL_USAGE, "--max-km takes more than 0");
}

static enum error_code challenge_read(struct landmark_words *w, const char *store,
                                      struct landmark_challenge *out, struct error *e) {
    if (w->site == NULL)
        return error_set(e, FAIL_USAGE, "--site ID says which site the store is said to be at");
    if (w->rounds == 0 || w->rounds > LOCPROOF_ROUNDS_MAX)
        return error_set(e, FAIL_USAGE, "--rounds takes 1 to %d", LOCPROOF_ROUNDS_MAX);
    TRY(telling_read(w, e));
    TRY(place_read(w, e));
    TRY(peers_read(w, e));
    TRY(net_address_read(str_from_c(store), &out->store, e));
    if (w->ledger != NULL) TRY(tlog_vkey_parse(str_from_c(w->ledger), &w->ledger_key, e));
    TRY(key_take(w, e));
    out->signer = &w->signer;
    out->has_place = w->at != NULL;
    out->place = w->place;
    out->site = str_from_c(w->site);
    out->rounds = (uint32_t)w->rounds;
    out->ledger = w->ledger != NULL ? &w->ledger_key : NULL;
    out->peers = w->peer;
    out->peer_count = w->peers.count;
    if (isatty(2)) out->progress = progress;
    return OK;
}

static enum error_code kept_write(const struct landmark_words *w, const struct landmark_found *f,
                                  struct arena *arena, struct error *e) {
    str path;
    if (w->transcript == NULL) return OK;
    TRY(disk_file_replace(AT_FDCWD, w->transcript, f->transcript, 0644, e));
    TRY(arena_format(arena, &path, e, "%s.note", w->transcript));
    return disk_file_replace(AT_FDCWD, path.at, f->note, 0644, e);
}

static enum error_code found_tell(const struct landmark_words *w, const struct landmark_found *f,
                                  struct error *e) {
    struct report_out out;
    struct landmark_told told_ = {f, w->peer, w->peers.count, w->max_km != NULL ? w->max : 0};
    TRY(report_open(w->out, &out, e));
    if (strcmp(w->format, "json") == 0)
        landmark_json(&out, &told_);
    else
        landmark_text(&out, &told_, strcmp(w->lang, "ja") == 0);
    return report_close(&out, e);
}

static int challenge_run(struct landmark_words *w, const char *store) {
    struct landmark_challenge c = {0};
    struct landmark_found found;
    struct arena_space space;
    struct arena arena;
    struct error e;
    if (challenge_read(w, store, &c, &e) != OK) return told("challenge", &e, EXIT_USAGE);
    if (arena_space_open(&space, ARENA_BYTES, &arena, &e) != OK)
        return told("challenge", &e, EXIT_FAILED);
    enum error_code code = landmark_challenge(&c, &arena, &found, &e);
    if (code == OK) code = kept_write(w, &found, &arena, &e);
    if (code == OK) code = found_tell(w, &found, &e);
    bool within = code == OK && found.report.figures.verdict == LOCPROOF_WITHIN &&
                  (w->max_km == NULL || locproof_report_bound_km(&found.report) <= w->max);
    arena_space_release(&space);
    tlog_signer_wipe(&w->signer);
    if (code != OK) return told("challenge", &e, EXIT_FAILED);
    return within ? 0 : EXIT_NOT_WITHIN;
}

/* ---- check ---- */

static int check_run(struct landmark_words *w, const char *transcript) {
    struct landmark_check_words words = {.transcript = transcript,
                                         .note = w->note,
                                         .ledger = w->ledger,
                                         .format = w->format,
                                         .lang = w->lang,
                                         .out = w->out,
                                         .attest = w->attest,
                                         .sig = w->sig,
                                         .ak = w->ak,
                                         .record = w->record,
                                         .nv_name = w->nv_name,
                                         .vkeys = w->vkeys};
    struct error e;
    if (telling_read(w, &e) != OK) return told("check", &e, EXIT_USAGE);
    words.max_km = w->max_km != NULL ? w->max : 0;
    return landmark_check_run(&words);
}

/* ---- the command ---- */

int command_landmark(int argc, char **argv) {
    static struct landmark_words w; /* large, and one a process */
    w.rounds = 32;
    w.every_s = 60;
    w.format = "text";
    w.lang = "en";
    const struct option options[] = {
        {"listen", OPTION_TEXT, &w.listen, "ADDR:PORT", "serve: where it answers; port 0: any"},
        {"key", OPTION_TEXT, &w.key, "FILE", "this landmark's key (landmark.key)"},
        {"name", OPTION_TEXT, &w.name, "NAME", "its name; makes the key where there is none"},
        {"at", OPTION_TEXT, &w.at, "LAT,LON", "where it stands, degrees of WGS 84"},
        {"error", OPTION_TEXT, &w.error_m, "METRES", "how well that is known (0)"},
        {"peer", OPTION_LIST, &w.peers, "VKEY@ADDR:PORT", "another landmark to time (repeatable)"},
        {"every", OPTION_NUMBER, &w.every_s, "SECONDS", "serve: how often peers are timed (60)"},
        {"site", OPTION_TEXT, &w.site, "ID", "challenge: the site the store is said to be at"},
        {"rounds", OPTION_NUMBER, &w.rounds, "N", "challenge: pieces to ask for (32)"},
        {"max-km", OPTION_TEXT, &w.max_km, "KM",
         "challenge, check: exit 1 where the bound is wider"},
        {"ledger", OPTION_TEXT, &w.ledger, "VKEY",
         "challenge, check: the key of the store's ledger (as the store says)"},
        {"transcript", OPTION_TEXT, &w.transcript, "FILE",
         "challenge: keep what both said; the signed report in FILE.note"},
        {"note", OPTION_TEXT, &w.note, "FILE", "check: the signed report (TRANSCRIPT.note)"},
        {"vkey", OPTION_LIST, &w.vkeys, "VKEY",
         "check: key of the landmark that signed, and of peers that cosigned (repeatable)"},
        {"attest", OPTION_TEXT, &w.attest, "FILE",
         "check: an asset tag that a TPM certified with the transcript's digest"},
        {"sig", OPTION_TEXT, &w.sig, "FILE", "check: the TPM's signature over it"},
        {"ak", OPTION_TEXT, &w.ak, "PEM", "check: the TPM's attestation key"},
        {"record", OPTION_TEXT, &w.record, "FILE", "check: the site's record the tag is of"},
        {"nv-name", OPTION_TEXT, &w.nv_name, "HEX",
         "check: name of the TPM's index, as it was noted"},
        {"format", OPTION_TEXT, &w.format, "text|json", "how a result is told (text)"},
        {"lang", OPTION_TEXT, &w.lang, "en|ja", "language of the text (en)"},
        {"o", OPTION_TEXT, &w.out, "FILE", "write the result there (standard output)"},
        {0}};
    const struct command_line line = {
        .command = "azekura landmark",
        .synopsis =
            "serve --listen ADDR:PORT --at LAT,LON [--peer …] | challenge ADDR:PORT --site ID "
            "| check TRANSCRIPT --vkey VKEY | key --name NAME",
        .about =
            "Bounds where a store can be: asks it for stored pieces drawn at random, times the "
            "answers,\n"
            "holds them against its ledger, signs what it saw; the store keeps that as an entry. "
            "The\n"
            "site's row in the register names its landmarks with their keys and places. `serve` "
            "answers\n"
            "other landmarks, so that none can lie about its own place, and cosigns what they saw. "
            "`check`\n"
            "holds a kept transcript against public keys, offline. Exit status: 0 within the "
            "bound, "
            "1 not\n"
            "(failed, inconclusive, over --max-km), 2 wrong usage, 4 no session came about, or "
            "what "
            "was\n"
            "kept does not hold.",
        .examples =
            "  azekura landmark key --name osaka.example.jp --key osaka.key\n"
            "  azekura landmark serve --listen :9003 --key osaka.key --at 34.6863,135.5200\n"
            "  azekura landmark challenge 192.0.2.7:9002 --site osaka --key osaka.key \\\n"
            "      --rounds 459 --max-km 300 --transcript osaka.proof --format json\n"
            "  azekura landmark check osaka.proof --vkey osaka.vkey --ledger ledger.vkey\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 2};
    const char *words[3];
    int ended;
    if (!options_read(&line, argc, argv, words, 3, &ended)) return ended;
    if (strcmp(words[0], "key") == 0 && words[1] == NULL) return key_run(&w);
    if (strcmp(words[0], "serve") == 0 && words[1] == NULL) return serve_run(&w);
    if (strcmp(words[0], "challenge") == 0 && words[1] != NULL) return challenge_run(&w, words[1]);
    if (strcmp(words[0], "check") == 0 && words[1] != NULL) return check_run(&w, words[1]);
    fprintf(stderr, "azekura landmark: expected %s\n", line.synopsis);
    return EXIT_USAGE;
}
