/* Holding a kept transcript and its report against keys. */
#include "locproof/check.h"

#include "locproof/cosign.h"

const char locproof_withdrawn[] =
    "this landmark cannot be where it says, by the timings with its peers";

static const struct tlog_vkey *key_find(const struct locproof_kept *k, str name) {
    for (size_t i = 0; i < k->key_count; i++)
        if (str_equal(tlog_vkey_name(&k->keys[i]), name)) return &k->keys[i];
    return NULL;
}

/* ---- the report ---- */

static enum error_code report_open(const struct locproof_kept *k, struct locproof_report *out,
                                   struct error *e) {
    struct tlog_note note;
    struct locproof_report unsure;
    TRY(tlog_note_parse(k->note, &note, e));
    TRY(locproof_report_read(note.text, &unsure, e));
    const struct tlog_vkey *key = key_find(k, unsure.name);
    if (key == NULL)
        return error_set(e, FAIL_NOT_FOUND,
                         "the report speaks for landmark %.*s, and no key of that name was given",
                         STR_FMT(str_slice(unsure.name, 0, 100)));
    return locproof_report_open(k->note, key, out, e);
}

static enum error_code digest_check(const struct locproof_kept *k, const struct locproof_report *r,
                                    struct error *e) {
    digest is = sha256_of(k->transcript);
    char is_hex[2 * DIGEST_BYTES], said_hex[2 * DIGEST_BYTES];
    if (digest_equal(&is, &r->transcript)) return OK;
    hex_write(is.at, DIGEST_BYTES, is_hex);
    hex_write(r->transcript.at, DIGEST_BYTES, said_hex);
    return error_set(e, FAIL_PROOF, "the transcript's digest is %.16s…, the report is about %.16s…",
                     is_hex, said_hex);
}

/* ---- the two against each other ---- */

static enum error_code word_check(const char *what, str report, str transcript, struct error *e) {
    if (str_equal(report, transcript)) return OK;
    return error_set(e, FAIL_PROOF, "%s: the report says \"%.*s\", the transcript \"%.*s\"", what,
                     STR_FMT(str_slice(report, 0, 60)), STR_FMT(str_slice(transcript, 0, 60)));
}

static enum error_code number_check(const char *what, int64_t report, int64_t found,
                                    struct error *e) {
    if (report == found) return OK;
    return error_set(e, FAIL_PROOF, "%s: the report says %lld, the transcript gives %lld", what,
                     (long long)report, (long long)found);
}

static enum error_code words_check(const struct locproof_report *r,
                                   const struct locproof_transcript *t, struct error *e) {
    TRY(word_check("landmark", r->name, t->name, e));
    TRY(word_check("site", r->site, t->site, e));
    TRY(word_check("medium", str_from_c(locproof_medium_name(r->medium)),
                   str_from_c(locproof_medium_name(t->medium)), e));
    TRY(number_check("pieces wanted", r->wanted, t->wanted, e));
    if (r->time_ns + NS_PER_S > t->begun_ns) return OK; /* it is told in whole seconds */
    return error_set(e, FAIL_PROOF, "the report is older than what it reports");
}

/* Who goes on asking when it has what it wanted chooses among the answers. */
static enum error_code rounds_check(const struct locproof_transcript *t,
                                    const struct locproof_figures *f, struct error *e) {
    if (f->pieces <= t->wanted) return OK;
    return error_set(e, FAIL_PROOF, "%u pieces were asked for where %u were wanted", f->pieces,
                     t->wanted);
}

static enum error_code ledger_check(const struct locproof_kept *k,
                                    const struct locproof_transcript *t, struct error *e) {
    struct tlog_vkey key;
    if (k->ledger == NULL) return OK;
    TRY(tlog_vkey_parse(t->ledger, &key, e));
    if (tlog_vkey_equal(&key, k->ledger)) return OK;
    return error_set(e, FAIL_PROOF,
                     "the ledger's key: %.*s+%08x was given, the transcript is of %.*s+%08x",
                     STR_FMT(str_slice(tlog_vkey_name(k->ledger), 0, 60)), (unsigned)k->ledger->id,
                     STR_FMT(str_slice(tlog_vkey_name(&key), 0, 60)), (unsigned)key.id);
}

static enum error_code origin_check(const struct locproof_report *r,
                                    const struct locproof_transcript *t, struct error *e) {
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    TRY(tlog_note_parse(t->checkpoint, &note, e));
    TRY(tlog_checkpoint_parse(note.text, &checkpoint, e));
    return word_check("ledger", r->origin, checkpoint.origin, e);
}

static enum error_code figures_check(const struct locproof_report *r,
                                     const struct locproof_figures *f, bool *withdrawn,
                                     struct error *e) {
    const struct locproof_figures *said = &r->figures;
    const struct {
        const char *what;
        int64_t said, found;
    } rows[] = {
        {"entries in the ledger", (int64_t)said->ledger_size, (int64_t)f->ledger_size},
        {"pieces", said->pieces, f->pieces},
        {"lost", said->lost, f->lost},
        {"without a body", said->no_body, f->no_body},
        {"gone", said->gone, f->gone},
        {"untold", said->untold, f->untold},
        {"false", said->bad, f->bad},
        {"least round trip (ns)", said->min_ns, f->min_ns},
        {"median (ns)", said->median_ns, f->median_ns},
        {"95th percentile (ns)", said->p95_ns, f->p95_ns},
        {"the medium's time (ns)", said->service_ns, f->service_ns},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        TRY(number_check(rows[i].what, rows[i].said, rows[i].found, e));
    if (!digest_equal(&said->ledger_root, &f->ledger_root))
        return error_set(e, FAIL_PROOF, "the report names another root than the checkpoint");
    *withdrawn = said->verdict == LOCPROOF_INCONCLUSIVE && f->verdict == LOCPROOF_WITHIN &&
                 strcmp(said->why, locproof_withdrawn) == 0;
    if (*withdrawn) return OK;
    return word_check("verdict", str_from_c(locproof_verdict_name(said->verdict)),
                      str_from_c(locproof_verdict_name(f->verdict)), e);
}

/* ---- peers ---- */

static enum error_code peers_check(const struct locproof_kept *k, struct locproof_checked *c,
                                   struct error *e) {
    for (size_t i = 0; i < c->report.peer_count; i++) {
        const struct locproof_peer *p = &c->report.peers[i];
        const struct tlog_vkey *key = key_find(k, p->name);
        c->words[i] = !p->cosigned.is_there ? LOCPROOF_SILENT
                      : key == NULL         ? LOCPROOF_NO_KEY
                                            : LOCPROOF_VOUCHED;
        if (c->words[i] != LOCPROOF_VOUCHED) continue;
        TRY(locproof_cosigned_check(&c->report, i, key, e));
        c->cosigned++;
    }
    return OK;
}

/* ---- all of it ---- */

enum error_code locproof_check(const struct locproof_kept *k, struct arena *arena,
                               struct locproof_checked *out, struct error *e) {
    struct locproof_checked *c = out;
    *c = (struct locproof_checked){.ledger_given = k->ledger != NULL};
    TRY(report_open(k, &c->report, e));
    TRY(digest_check(k, &c->report, e));
    TRY(locproof_transcript_read(k->transcript, arena, &c->transcript, e));
    TRY(words_check(&c->report, &c->transcript, e));
    TRY(ledger_check(k, &c->transcript, e));
    TRY(locproof_transcript_check(&c->transcript, *arena, &c->figures, e));
    TRY(origin_check(&c->report, &c->transcript, e));
    TRY(rounds_check(&c->transcript, &c->figures, e));
    TRY(figures_check(&c->report, &c->figures, &c->withdrawn, e));
    return peers_check(k, c, e);
}
