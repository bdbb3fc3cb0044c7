/* The program as a person meets it: its words, its first line, its exit status. */
#include "tests/verify/forged.h"

#include <sys/wait.h>

static char output[1 << 16];

/* Runs the program with these words; output of both kinds, and the exit status. */
static int run(const char *words) {
    char command[4096];
    snprintf(command, sizeof command, "%s %s 2>&1", TEST_PROGRAM, words);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, sizeof output - 1, pipe)] = 0;
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool says(const char *part) {
    return strstr(output, part) != NULL;
}

#define VECTOR_KEY                                                                                 \
    "--key ledger.example.jp/site-a+72ad1ea7+ARpb+r7u9ieA92alTjLIlHp4m0DNSu9XZbEkfVThIlQN "
#define VECTORS TEST_DATA "/vectors/"

static void usage(void **state) {
    static const struct {
        const char *words;
        int status;
    } cases[] = {
        {"--help", 0},
        {"--version", 0},
        {"", 2},
        {"--key", 2},
        {"--nonsense", 2},
        {VECTOR_KEY, 2},
        {"x.tlog-proof", 2},
        {VECTOR_KEY "a b", 2},
        {VECTOR_KEY "--ledger a b", 2},
        {VECTOR_KEY "--store a b", 2},
        {VECTOR_KEY "--summary b", 2},
        {VECTOR_KEY "--key", 2},
        {VECTOR_KEY "--format xml a", 2},
        {VECTOR_KEY "--entry a --ledger b", 2},
        {VECTOR_KEY "--location a", 2},
        {VECTOR_KEY "--landmark a b", 2},
        {VECTOR_KEY "--location a --landmark a b", 2},
        {"--key witness.example.jp/ministry+8402a665+BK0Z9PMj/mkDqnTZ3BtMJD7QtIUXi3GFzr/BLwu3tKbt "
         "x",
         2},
        {VECTOR_KEY "/nowhere/x", 1},
        {"--key /nowhere/key x", 1},
        {"--key=a+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k x", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int status = run(cases[i].words);
        if (status != cases[i].status)
            fail_msg("\"%s\" gave %d: %s", cases[i].words, status, output);
        assert_true(strlen(output) > 0);
    }
}

/* A proof of another implementation's log: its entry has to be given. */
static void a_foreign_proof(void **state) {
    world_make();
    world_seal();
    world_write();
    char path[256], words[2048];
    world_path(path, sizeof path, "entry");
    file_write(path, STR("entry 12345\n"));
    snprintf(words, sizeof words, VECTOR_KEY "--entry %s " VECTORS "entry12345.tlog-proof", path);
    assert_int_equal(run(words), 0);
    assert_true(strncmp(output, "signed by the operator alone\nverified\n", 38) == 0);
    assert_true(says("this does not show") && says("another history"));
    snprintf(words, sizeof words,
             VECTOR_KEY "--policy " VECTORS "policy.txt --entry %s " VECTORS
                        "entry12345.tlog-proof",
             path);
    assert_int_equal(run(words), 0);
    assert_true(says("and by 1 of the policy's 1 witnesses") && says("2025-11-21T22:00:00Z"));
    /* the same log and key, but somebody else has to have cosigned */
    char policy[512], vkey[TLOG_VKEY_TEXT_BYTES], policy_path[256];
    snprintf(policy, sizeof policy, "witness w %.*s\nquorum w\n",
             (int)tlog_vkey_write(&world->witness.vkey, vkey), vkey);
    world_path(policy_path, sizeof policy_path, "policy");
    file_write(policy_path, str_from_c(policy));
    snprintf(words, sizeof words,
             VECTOR_KEY "--policy %s --entry %s " VECTORS "entry12345.tlog-proof", policy_path,
             path);
    assert_int_equal(run(words), 1);
    assert_true(says("quorum is not met") && !says("this does not show"));
    assert_int_equal(run(VECTOR_KEY VECTORS "entry12345.tlog-proof"), 1);
    assert_true(says("NOT VERIFIED") && says("--entry"));
    file_write(path, STR("entry 12346\n"));
    snprintf(words, sizeof words, VECTOR_KEY "--entry %s " VECTORS "entry12345.tlog-proof", path);
    assert_int_equal(run(words), 1);
    world_remove();
}

/* ---- a proof of ours, with opened fields */

static void proof_write(uint64_t index, bool with_names, const char *name) {
    static char file_memory[65536], extra_memory[32768];
    digest leaves[WORLD_ENTRIES_MAX];
    struct tlog_path paths[8];
    struct evidence_name names[8];
    struct evidence_open opens[3];
    static const enum evidence_field fields[] = {EVIDENCE_BUCKET, EVIDENCE_KEY, EVIDENCE_SIZE};
    struct error e;
    const struct world_entry *w = &world->entries[index];
    for (uint64_t i = 0; i < world->count; i++) leaves[i] = tlog_leaf_hash(world->entries[i].bytes);
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        assert_ok(
            evidence_open_make(w->entry.type, &w->osalt, &w->values, fields[i], &opens[i], &e), &e);
    for (size_t i = 0; i < 5; i++) { /* entries 1 to 5 are the code table */
        tlog_path_of(leaves, world->count, i + 1, &paths[i]);
        names[i] = (struct evidence_name){.entry = world->entries[i + 1].bytes,
                                          .index = i + 1,
                                          .path = paths[i].at,
                                          .path_count = with_names ? paths[i].count : 0};
    }
    struct evidence_extra extra = {.entry = w->bytes,
                                   .opens = opens,
                                   .open_count = COUNT_OF(fields),
                                   .names = names,
                                   .name_count = 5};
    struct tlog_proof proof = {.index = index, .checkpoint = world->checkpoint};
    assert_ok(evidence_extra_encode(&extra, extra_memory, sizeof extra_memory, &proof.extra, &e),
              &e);
    tlog_path_of(leaves, world->count, index, &proof.path);
    struct text out = text_into(file_memory, sizeof file_memory);
    assert_ok(tlog_proof_write(&out, &proof, &e), &e);
    char path[256];
    world_path(path, sizeof path, name);
    file_write(path, text_str(&out));
}

static void key_write(void) {
    char vkey[TLOG_VKEY_TEXT_BYTES], path[256];
    world_path(path, sizeof path, "vkey");
    file_write(path, str_of(vkey, tlog_vkey_write(&world->log.vkey, vkey)));
}

static void a_proof_of_ours(void **state) {
    char words[1024];
    world_make();
    world_seal();
    world_write();
    key_write();
    proof_write(world->completed, true, "proof");
    snprintf(words, sizeof words, "--key %s/vkey %s/proof", world->dir, world->dir);
    assert_int_equal(run(words), 0);
    assert_true(strncmp(output, "signed by the operator alone\nverified\n", 38) == 0);
    static const char *const parts[] = {"type: upload-complete",
                                        "decision: warn",
                                        "sector: electricity\n",
                                        "class: important\n",
                                        "site: sendai\n",
                                        "clause: jp-guideline-2019/data.at-home: warned",
                                        "bucket: grid-a",
                                        "key: large",
                                        "that a declared fact is true",
                                        "that no other copy",
                                        "went round the program",
                                        "fields that were not opened"};
    for (size_t i = 0; i < COUNT_OF(parts); i++) assert_row(parts[i], says(parts[i]));
    assert_false(says("v-5")); /* not opened, so not told */
    snprintf(words, sizeof words, "--key %s/vkey --format json %s/proof", world->dir, world->dir);
    assert_int_equal(run(words), 0);
    assert_true(says("{\"verified\":true,\"signed_by\":\"signed by the operator alone\""));
    proof_write(world->completed, false, "proof");
    assert_int_equal(run(words), 0);
    assert_true(says("not shown by the log"));
    world_remove();
}

/* One byte flipped anywhere in a proof, and it is refused or says the very same. */
static void a_flipped_byte(void **state) {
    char words[1024], sound[sizeof output], path[256];
    world_make();
    world_seal();
    world_write();
    key_write();
    proof_write(world->completed, true, "proof");
    world_path(path, sizeof path, "proof");
    snprintf(words, sizeof words, "--key %s/vkey %s/proof", world->dir, world->dir);
    assert_int_equal(run(words), 0);
    memcpy(sound, output, sizeof sound);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    size_t bytes = (size_t)ftell(file);
    fclose(file);
    unsigned tried = 0;
    for (size_t at = 1; at <= bytes; at += 61) {
        file_flip("proof", at);
        int status = run(words);
        if (status == 0) fail_msg("byte %zu from the end flipped: %s", at, output);
        assert_int_equal(status, 1);
        file_flip("proof", at);
        tried++;
    }
    assert_true(tried > 20);
    assert_int_equal(run(words), 0);
    assert_string_equal(output, sound);
    world_remove();
}

static void a_ledger_and_a_store(void **state) {
    char words[1024];
    world_make();
    world_seal();
    world_write();
    key_write();
    snprintf(words, sizeof words, "--key %s/vkey --ledger %s/ledger --store %s/export", world->dir,
             world->dir, world->dir);
    if (run(words) != 0) fail_msg("%s", output);
    assert_true(strncmp(output, "signed by the operator alone\nverified\n", 38) == 0);
    assert_true(says("decisions: 1 refused") && says("openings destroyed: 1"));
    assert_true(says("it is what the store says it holds"));
    file_flip("ledger/tile/0/000", 100);
    assert_int_equal(run(words), 1);
    assert_true(says("NOT VERIFIED") && says("found: tile/0/000 is not"));
    world_remove();
}

/* ---- counted anew, by hand: 300 readings, then story_make's acts; each decided alike but one */

static void summaries(void **state) {
    char words[1024];
    world_make();
    world_seal();
    world_write();
    key_write();
    snprintf(words, sizeof words, "--key %s/vkey --ledger %s/ledger --summary", world->dir,
             world->dir);
    if (run(words) != 0) fail_msg("%s", output);
    char line[128];
    snprintf(line, sizeof line, "summary of %llu entries, 2025-02-19T21:20:00Z to ",
             (unsigned long long)world->count);
    static const char *const parts[] = {
        "  acts: 311 warned, 1 refused, 1000 repeated\n",
        "  entries that are no acts: 7\n", /* start, five codes, redacted */
        "by act\n  put: 311 warned, 1 refused, 1000 repeated\n",
        "by sector\n  electricity: 311 warned, 1 refused, 1000 repeated\n",
        "by class\n  important: 311 warned, 1 refused, 1000 repeated\n",
        "by site\n  sendai: 311 warned, 1 refused, 1000 repeated\n",
        "by clause\n  jp-guideline-2019/data.at-home: 312 warned, 1000 repeated\n",
    };
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!says(parts[i])) fail_msg("no \"%s\" in %s", parts[i], output);
    assert_false(says("versions in the store"));
    snprintf(words, sizeof words, "--key %s/vkey --ledger %s/ledger --store %s/export --summary",
             world->dir, world->dir, world->dir);
    assert_int_equal(run(words), 0);
    assert_true(says("versions in the store, each with its entry\n"));
    assert_true(says("  grid-b/copy version v-2: "));
    assert_true(says(" of ledger.example.jp/sendai at 2025-"));
    assert_false(says("grid-a/gone"));
    snprintf(words, sizeof words,
             "--key %s/vkey --ledger %s/ledger --store %s/export --summary --format json | "
             "python3 -c 'import json,sys; d=json.load(sys.stdin); s=d[\"summary\"]; "
             "print(d[\"verified\"], s[\"entries\"], s[\"decision\"][\"warned\"], "
             "s[\"sector\"][0][\"name\"], s[\"clause\"][0][\"repeated\"], len(d[\"store\"]), "
             "sorted(r[\"key\"] for r in d[\"store\"] if r[\"bucket\"]==\"grid-b\"))'",
             world->dir, world->dir, world->dir);
    assert_int_equal(run(words), 0);
    snprintf(line, sizeof line, "True %llu 311 electricity 1000 306 ['copy']",
             (unsigned long long)world->count);
    if (!says(line)) fail_msg("no \"%s\" in %s", line, output);
    /* of a ledger that does not hold nothing is counted for anybody */
    file_flip("ledger/tile/entries/000", 60);
    snprintf(words, sizeof words, "--key %s/vkey --ledger %s/ledger --summary", world->dir,
             world->dir);
    assert_int_equal(run(words), 1);
    assert_false(says("summary of"));
    world_remove();
}

/* A sealed world with its export, and the words that check it: without an issuer's key, and with it. */
static void export_made(char words[1024], char with_issuer[1200]) {
    char vkey[TLOG_VKEY_TEXT_BYTES];
    signers_make();
    world_make();
    world_seal();
    world_write();
    key_write();
    snprintf(words, 1024, "--key %s/vkey --ledger %s/ledger --store %s/export", world->dir,
             world->dir, world->dir);
    snprintf(with_issuer, 1200, "%s --issuer '%.*s'", words,
             (int)tlog_vkey_write(&issuer.vkey, vkey), vkey);
}

/* An export carries rulebooks: with an issuer's key those of its line have to be as it signed them. */
static void rulebooks_of_an_export(void **state) {
    static const str text = {"rulebook: aoba-own\nline: aoba-own\n", 34};
    static char memory[1 << 19];
    char words[1024], with_issuer[1200], path[256];
    struct arena arena = arena_over(memory, sizeof memory);
    struct issuer_statement *s = arena_new(&arena, struct issuer_statement, 1);
    struct error e;
    str signature;
    export_made(words, with_issuer);
    assert_int_equal(run(words), 0); /* exports had none once */
    assert_false(says("rulebook files"));
    world_path(path, sizeof path, "export/rulebooks/000000.yaml");
    file_write(path, text);
    assert_int_equal(run(words), 0);
    assert_true(says("1, 0 of them signed"));
    assert_int_equal(run(with_issuer), 1);
    assert_true(says("comes without that issuer's signature"));
    s->issued_ns = 1764000000 * NS_PER_S;
    s->count = 1;
    s->claims[0] =
        (struct issuer_claim){STR("aoba-own"), STR("aoba-own"), INT64_MIN, sha256_of(text)};
    assert_ok(issuer_sign(s, &issuer, &arena, &signature, &e), &e);
    world_path(path, sizeof path, "export/rulebooks/000000.yaml.sig");
    file_write(path, signature);
    assert_int_equal(run(words), 0);
    assert_true(says("signature kept, issuer not given"));
    assert_int_equal(run(with_issuer), 0);
    assert_true(says("aoba-own of line aoba-own: signed by aoba"));
    file_flip("export/rulebooks/000000.yaml", 3);
    assert_int_equal(run(words), 1);
    assert_true(says("was signed with other bytes"));
    world_remove();
}

/* Of rulebook files that no issuer signed a changed byte went unseen and unsaid, and the walk ended at the
 * first number that was not there: whatever lay behind a file that was taken away was not looked at. */
static void rulebooks_without_a_signature(void **state) {
    static char large[(LIMIT_DOC_BYTES) + 2];
    static const struct {
        const char *name, *finding;
    } added[] = {
        {"000004.yaml", "rulebooks/000004.yaml: the files of an export are numbered without a gap, "
                        "and there is no rulebooks/000003.yaml"},
        {"000003.yaml.sig", "there is no rulebooks/000003.yaml"},
        {"own.yml", "rulebooks/own.yml: an export has no file of that name"},
        {"1.yaml", "rulebooks/1.yaml: an export has no file of that name"},
    };
    char words[1024], with_issuer[1200], line[256], path[256], name[64];
    char hex[2 * DIGEST_BYTES];
    digest rules = sha256_of(STR("rules"));
    export_made(words, with_issuer);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "export/rulebooks/%06d.yaml", i);
        world_path(path, sizeof path, name);
        file_write(path, i == 2 ? STR("rulebook: aoba-own\n") : STR("rulebook: other\n"));
    }
    if (run(words) != 0) fail_msg("%s", output);
    hex_write(rules.at, DIGEST_BYTES, hex);
    snprintf(line, sizeof line, "  rule set: %.*s when the listing was made, as entry %llu of %s",
             (int)sizeof hex, hex, (unsigned long long)world->count - 1,
             "ledger.example.jp/sendai names it\n");
    static const char *const parts[] = {
        "rulebook files: 3, 0 of them signed",
        "  - that the rulebook files are those that were decided by: entries name one digest",
        "  - that no rulebook file was changed, added or taken away since the export, but for"};
    if (!says(line)) fail_msg("no \"%s\" in %s", line, output);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!says(parts[i])) fail_msg("no \"%s\" in %s", parts[i], output);
    for (size_t i = 0; i < COUNT_OF(added); i++) {
        snprintf(name, sizeof name, "export/rulebooks/%s", added[i].name);
        world_path(path, sizeof path, name);
        file_write(path, STR("rulebook: other\n"));
        assert_row(added[i].name, run(words) == 1);
        if (!says(added[i].finding)) fail_msg("no \"%s\" in %s", added[i].finding, output);
        assert_int_equal(remove(path), 0);
    }
    world_path(path, sizeof path, "export/rulebooks/000001.yaml");
    assert_int_equal(remove(path), 0);
    assert_int_equal(run(words), 1);
    assert_true(says("rulebooks/000002.yaml: the files of an export are numbered without a gap, "
                     "and there is no rulebooks/000001.yaml"));
    memset(large, '#', sizeof large); /* more than a reader of rulebooks takes: nobody looked */
    file_write(path, str_of(large, sizeof large));
    assert_int_equal(run(with_issuer), 1);
    assert_true(says("rulebooks/000001.yaml: cannot be read, so neither whether an issuer"));
    assert_true(says("rulebooks/000002.yaml: rulebook aoba-own is of a line whose issuer"));
    world_remove();
}

/* What a landmark measured, kept from a real session: held against the keys, and in JSON. */
static void a_location(void **state) {
    static const char place[] = TEST_DATA "/landmark/";
    char words[2048];
    snprintf(words, sizeof words,
             "--key %sledger.vkey --location %stranscript --landmark %slandmark.vkey", place, place,
             place);
    if (run(words) != 0) fail_msg("%s", output);
    static const char *const parts[] = {"signed by the operator alone\nverified\n",
                                        "landmark: sendai.test at 38.26880 140.87220 0",
                                        "bound: within 58.2 km of the landmark",
                                        "pieces: 8 of 8 wanted; lost 0, wrong 0",
                                        "peer: near.test cosigned; its key was not given",
                                        "as long as the landmark says",
                                        "no other copy"};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!says(parts[i])) fail_msg("no \"%s\" in %s", parts[i], output);
    snprintf(words, sizeof words,
             "--key %sledger.vkey --location %stranscript --landmark %speer.vkey --landmark "
             "%slandmark.vkey --format json",
             place, place, place, place);
    assert_int_equal(run(words), 0);
    assert_true(
        says("near.test cosigned at 2026-11-22T13:20:05Z: the landmark is 0.009 ms from it"));
    snprintf(words, sizeof words,
             "--key %sledger.vkey --location %stranscript --landmark %speer.vkey", place, place,
             place);
    assert_int_equal(run(words), 1);
    assert_true(says("no key of that name was given"));
    snprintf(words, sizeof words, VECTOR_KEY "--location %stranscript --landmark %slandmark.vkey",
             place, place);
    assert_int_equal(run(words), 1);
    assert_true(says("NOT VERIFIED"));
    snprintf(words, sizeof words,
             "--key %sledger.vkey --location %stranscript.note --note %stranscript.note --landmark "
             "%slandmark.vkey",
             place, place, place, place);
    assert_int_equal(run(words), 1);
    assert_true(says("not a transcript of a location proof"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage),
        cmocka_unit_test(a_foreign_proof),
        cmocka_unit_test(a_proof_of_ours),
        cmocka_unit_test(a_flipped_byte),
        cmocka_unit_test(a_ledger_and_a_store),
        cmocka_unit_test(summaries),
        cmocka_unit_test(rulebooks_of_an_export),
        cmocka_unit_test(rulebooks_without_a_signature),
        cmocka_unit_test(a_location),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
