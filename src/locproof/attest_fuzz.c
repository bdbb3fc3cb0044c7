/* Any bytes as what a TPM certified: every length stays inside, and no key of ours signed it. */
#include "locproof/attest.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

static bool is_inside(str part, str whole) {
    return part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
                              "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
                              "-----END PUBLIC KEY-----\n"; /* P-256's generator: its secret is 1 */
    struct locproof_attest a;
    str all = str_of(bytes, count), signature = str_slice(all, count / 2, SIZE_MAX);
    if (str_starts(all, STR("-----BEGIN"))) { /* keys take the library a millisecond each */
        (void)locproof_attest_signed(STR("x"), STR("y"), all, NULL);
        return 0;
    }
    if (locproof_attest_read(all, &a, NULL) != OK) return 0;
    assert(locproof_attest_signed(all, signature, str_from_c(pem), NULL) != OK);
    assert(count <= LOCPROOF_ATTEST_BYTES && a.contents.len <= count && a.index.len <= 66);
    assert(is_inside(a.signer, all) && is_inside(a.qualifying, all) && is_inside(a.index, all) &&
           is_inside(a.contents, all));
    return 0;
}
