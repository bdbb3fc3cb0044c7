/* AES-256-GCM through Intel's multi-buffer library, of which only its calls for one message at a time
 * are used. They read the manager's table and write nothing there, so all threads share one. */
#include "seal/wide.h"

#ifdef __x86_64__

#include <intel-ipsec-mb.h>
#include <pthread.h>

static IMB_MGR *manager; /* NULL: the processor cannot; else as long as the process */
static pthread_once_t manager_once = PTHREAD_ONCE_INIT;

static void manager_open(void) {
    const uint64_t needs = IMB_FEATURE_AVX512_SKX | IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ;
    IMB_MGR *m = alloc_mb_mgr(0);
    if (m == NULL) return;
    if ((m->features & needs) == needs) init_mb_mgr_avx512(m); /* tests itself, too */
    if ((m->features & needs) == needs && m->used_arch == IMB_ARCH_AVX512 && imb_get_errno(m) == 0)
        manager = m;
    else
        free_mb_mgr(m);
}

bool wide_is_here(void) {
    pthread_once(&manager_once, manager_open);
    return manager != NULL;
}

/* What a key is before its first block: made anew for each message, in a thirtieth of a frame's time,
 * so that no key stays behind. */
struct keyed {
    struct gcm_key_data key;
    struct gcm_context_data context;
};

static void keyed_begin(struct keyed *k, const struct secret *key) {
    assert(manager != NULL);
    IMB_AES256_GCM_PRE(manager, key->at, &k->key);
}

void wide_seal(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES], str bound,
               str plain, void *out, unsigned char tag[SEAL_TAG_BYTES]) {
    struct keyed k;
    keyed_begin(&k, key);
    IMB_AES256_GCM_ENC(manager, &k.key, &k.context, out, (const uint8_t *)plain.at, plain.len,
                       nonce, (const uint8_t *)bound.at, bound.len, tag, SEAL_TAG_BYTES);
    memory_wipe(&k, sizeof k);
}

bool wide_open(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES], str bound,
               str sealed, const unsigned char tag[SEAL_TAG_BYTES], void *out) {
    struct keyed k;
    unsigned char made[SEAL_TAG_BYTES];
    keyed_begin(&k, key);
    IMB_AES256_GCM_DEC(manager, &k.key, &k.context, out, (const uint8_t *)sealed.at, sealed.len,
                       nonce, (const uint8_t *)bound.at, bound.len, made, sizeof made);
    bool same = str_equal_secret(str_of(made, sizeof made), str_of(tag, SEAL_TAG_BYTES));
    if (!same && sealed.len > 0) memory_wipe(out, sealed.len);
    memory_wipe(&k, sizeof k);
    memory_wipe(made, sizeof made);
    return same;
}

#else

bool wide_is_here(void) {
    return false;
}

void wide_seal(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES], str bound,
               str plain, void *out, unsigned char tag[SEAL_TAG_BYTES]) {
    assert(false); /* only where wide_is_here */
}

bool wide_open(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES], str bound,
               str sealed, const unsigned char tag[SEAL_TAG_BYTES], void *out) {
    assert(false);
    return false;
}

#endif
