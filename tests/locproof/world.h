/* A small log of entries whose store answers well, for tests to spoil. */
#ifndef AZEKURA_TESTS_LOCPROOF_WORLD_H
#define AZEKURA_TESTS_LOCPROOF_WORLD_H

#include "evidence/evidence.h"
#include "locproof/locproof.h"
#include "tests/test.h"

enum { ENTRIES = 6, PIECES = 5, PARTS = 3, ROUNDS = 48 };

extern struct locproof_world {
    char entry_bytes[ENTRIES][LIMIT_ENTRY_BYTES];
    str entries[ENTRIES];
    digest leaves[ENTRIES];
    digest pieces[PIECES], part_roots[PARTS], part_leaves[PARTS], parts[PARTS][2];
    struct tlog_signer signer;
    char vkey[TLOG_VKEY_TEXT_BYTES], note[1024], transcript[1 << 18];
    char shown[ROUNDS][LOCPROOF_SHOWN_BYTES];
    struct locproof_round rounds[ROUNDS];
    struct locproof_transcript t;
    unsigned char memory[1 << 20];
} w;

/* The log, its checkpoint and a transcript without rounds. A group setup of cmocka. */
int world_setup(void **state);
/* Every draw answered right; as many pieces are wanted as were drawn. */
void world_answer(void);
/* The first round that drew this entry. */
struct locproof_round *world_round(uint64_t entry);

#endif
