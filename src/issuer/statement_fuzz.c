/* Any bytes as FILE.sig: what is accepted has words, times and digests in their one spelling, and a
 * file that no trusted key has signed is never vouched for. */
#include "issuer/issuer.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static struct issuer_signature signature;
    static char memory[1 << 18];
    struct arena arena = arena_over(memory, sizeof memory);
    str input = str_of(bytes, count);
    if (issuer_signature_read(input, &signature, NULL) != OK) return 0;
    const struct issuer_statement *s = &signature.statement;
    assert(s->count > 0 && s->count <= ISSUER_CLAIMS_MAX);
    struct secret seed = {{7}};
    struct tlog_signer signer;
    str again;
    assert(tlog_signer_make(STR("n"), TLOG_KEY_ED25519, &seed, &signer, NULL) == OK);
    for (size_t i = 0; i < s->count; i++) {
        struct issuer_book book = {s->claims[i].name, s->claims[i].line, s->claims[i].from_ns};
        struct issuer_file file = {
            .path = STR("f"), .bytes = input, .signature = input, .books = &book, .book_count = 1};
        struct issuer_vouched vouched;
        enum error_code code = issuer_vouch(&file, &signer.vkey, 1, arena, &vouched, NULL);
        assert(code != OK || vouched.by == NULL); /* the input cannot hold its own digest */
    }
    if (issuer_sign(s, &signer, &arena, &again, NULL) == OK) /* of lines n and n-… */
        assert(str_starts(again, signature.note.text));
    return 0;
}
