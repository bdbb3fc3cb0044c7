#include "tests/locproof/world.h"

struct locproof_world w;

/* 0: a start; 1 and 4: a put of five pieces; 2: an empty put; 3: an upload of three parts of two
 * pieces; 5: a put whose version is gone. */
static void entry_make(unsigned i) {
    static const enum evidence_type types[ENTRIES] = {EVIDENCE_START, EVIDENCE_PUT,
                                                      EVIDENCE_PUT,   EVIDENCE_UPLOAD_COMPLETE,
                                                      EVIDENCE_PUT,   EVIDENCE_PUT};
    struct evidence_entry entry = {.type = types[i], .minute = 29000000 + i};
    struct error e;
    entry.stored_root = i == 2   ? tlog_empty_root()
                        : i == 3 ? tlog_root_of(w.part_leaves, PARTS)
                                 : tlog_root_of(w.pieces, PIECES);
    assert_ok(evidence_entry_encode(&entry, w.entry_bytes[i], LIMIT_ENTRY_BYTES, &w.entries[i], &e),
              &e);
    w.leaves[i] = tlog_leaf_hash(w.entries[i]);
}

static void answer_make(size_t number, const struct locproof_draw *draw) {
    struct locproof_shown shown = {.entry = w.entries[draw->entry]};
    struct locproof_round *r = &w.rounds[number];
    struct error e;
    *r = (struct locproof_round){
        .outcome = LOCPROOF_ANSWERED, .rtt_ns = 300000 + (int64_t)number, .service_us = 80};
    tlog_path_of(w.leaves, ENTRIES, draw->entry, &shown.entry_path);
    if (draw->entry == 0 || draw->entry == 2) {
        r->answer.why = LOCPROOF_NO_BODY;
    } else if (draw->entry == 5) {
        r->answer.why = LOCPROOF_GONE;
    } else if (draw->entry == 3) {
        size_t part = (size_t)locproof_leaf_of(draw->list_bits, PARTS);
        size_t piece = (size_t)locproof_leaf_of(draw->piece_bits, 2);
        r->answer = (struct locproof_answer){.has_piece = true, .leaf = w.parts[part][piece]};
        shown.has_piece = shown.has_part = true;
        shown.part_root = w.part_roots[part];
        tlog_path_of(w.part_leaves, PARTS, part, &shown.part_path);
        tlog_path_of(w.parts[part], 2, piece, &shown.piece_path);
    } else {
        size_t piece = (size_t)locproof_leaf_of(draw->piece_bits, PIECES);
        r->answer = (struct locproof_answer){.has_piece = true, .leaf = w.pieces[piece]};
        shown.has_piece = true;
        tlog_path_of(w.pieces, PIECES, piece, &shown.piece_path);
    }
    assert_ok(locproof_shown_write(&shown, w.shown[number], LOCPROOF_SHOWN_BYTES, &r->shown, &e),
              &e);
}

int world_setup(void **state) {
    struct secret seed = {{3}};
    struct error e;
    for (unsigned i = 0; i < PIECES; i++) w.pieces[i] = tlog_leaf_hash(str_of(&"pieces"[i], 1));
    for (unsigned i = 0; i < PARTS; i++) {
        for (unsigned k = 0; k < 2; k++)
            w.parts[i][k] = tlog_leaf_hash(str_of(&"abcdef"[2 * i + k], 1));
        w.part_roots[i] = tlog_root_of(w.parts[i], 2);
        w.part_leaves[i] = tlog_leaf_hash(digest_str(&w.part_roots[i]));
    }
    for (unsigned i = 0; i < ENTRIES; i++) entry_make(i);
    assert_ok(tlog_signer_make(STR("log.test"), TLOG_KEY_ED25519, &seed, &w.signer, &e), &e);
    struct tlog_checkpoint checkpoint = {
        .origin = STR("log.test"), .size = ENTRIES, .root = tlog_root_of(w.leaves, ENTRIES)};
    struct text note = text_into(w.note, sizeof w.note);
    assert_ok(tlog_checkpoint_sign(&note, &checkpoint, &w.signer, &e), &e);
    w.t = (struct locproof_transcript){.name = STR("osaka.test"),
                                       .site = STR("sendai"),
                                       .ledger =
                                           str_of(w.vkey, tlog_vkey_write(&w.signer.vkey, w.vkey)),
                                       .checkpoint = text_str(&note),
                                       .begun_ns = 1,
                                       .medium = LOCPROOF_SOLID,
                                       .rounds = w.rounds,
                                       .count = ROUNDS};
    memset(w.t.landmark.at, 1, sizeof w.t.landmark.at);
    memset(w.t.store.at, 2, sizeof w.t.store.at);
    return 0;
}

void world_answer(void) {
    digest seed = locproof_seed(&w.t.landmark, &w.t.store, w.t.checkpoint);
    w.t.wanted = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        struct locproof_draw draw = locproof_draw_of(&seed, (uint32_t)i, ENTRIES);
        answer_make(i, &draw);
        w.t.wanted += w.rounds[i].answer.has_piece;
    }
}

/* The first round with a piece, or the first of parts, of no body, gone. */
struct locproof_round *world_round(uint64_t entry) {
    digest seed = locproof_seed(&w.t.landmark, &w.t.store, w.t.checkpoint);
    for (size_t i = 0; i < ROUNDS; i++)
        if (locproof_draw_of(&seed, (uint32_t)i, ENTRIES).entry == entry) return &w.rounds[i];
    fail_msg("no draw of entry %u", (unsigned)entry);
    return NULL;
}
