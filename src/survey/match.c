/* Which records are of one server. The rule stands in README.md; here it is carried out in time that grows with
 * the number of records, whatever they share: each key has one bucket, which knows who stands there and whether
 * they get along. */
#include "survey/roll.h"

/* ---- servers as trees of records; the first record is the root ---- */

uint32_t roll_first(struct survey_roll *roll, uint32_t record) {
    while (roll->records[record].parent != record) {
        uint32_t parent = roll->records[record].parent;
        roll->records[record].parent = roll->records[parent].parent;
        record = parent;
    }
    return record;
}

static void unite(struct survey_roll *roll, uint32_t a, uint32_t b) {
    a = roll_first(roll, a);
    b = roll_first(roll, b);
    if (a < b)
        roll->records[b].parent = a;
    else
        roll->records[a].parent = b;
}

/* ---- what a record goes by ---- */

static str name_of(const struct survey_roll *roll, uint32_t record) {
    const struct roll_said *said = roll->records[record].said;
    return said != NULL ? said->name : STR_EMPTY;
}

static bool is_whole(str name) {
    size_t at;
    return str_find_char(name, '.', &at);
}

enum naming { UNNAMED, LABEL, WORD, HOST };
static enum naming naming_of(const struct survey_roll *roll, uint32_t record) {
    str name = name_of(roll, record);
    if (name.len == 0) return UNNAMED;
    if (roll->records[record].said->is_label) return LABEL;
    return is_whole(name) ? HOST : WORD;
}

/* "web" and "web.example.jp" may be one; "web.example.jp" and "web.example.com" are not. */
static bool get_along(str a, str b) {
    str shorter = a.len < b.len ? a : b, longer = a.len < b.len ? b : a;
    if (str_equal(a, b)) return true;
    return !is_whole(shorter) && str_starts(longer, shorter) && longer.at[shorter.len] == '.';
}

/* The addresses that sources told of a record, and then those a resolver found for it. */
static const struct geo_address *address_at(const struct roll_record *r, size_t i) {
    if (r->address.len > 0 && i-- == 0) return &r->address;
    if (r->said == NULL) return NULL;
    if (i < r->said->address_count) return &r->said->addresses[i];
    i -= r->said->address_count;
    return r->said->found != NULL && i < r->said->found->address_count
               ? &r->said->found->addresses[i]
               : NULL;
}

static bool shares_address(const struct roll_record *a, const struct roll_record *b) {
    const struct geo_address *one, *other;
    for (size_t i = 0; (one = address_at(a, i)) != NULL; i++)
        for (size_t k = 0; (other = address_at(b, k)) != NULL; k++)
            if (geo_address_equal(one, other)) return true;
    return false;
}

/* Two operators may both have a "backup". */
static bool operators_agree(const struct roll_record *a, const struct roll_record *b) {
    if (a->said == NULL || a->said->declared == NULL) return true;
    if (b->said == NULL || b->said->declared == NULL) return true;
    str one = a->said->declared->operator_id, other = b->said->declared->operator_id;
    return one.len == 0 || other.len == 0 || str_equal(one, other);
}

/* ---- keys ---- */

enum key_kind { KEY_PLACE = 1, KEY_NAME, KEY_WORD };
struct key {
    enum key_kind kind;
    uint32_t file; /* it means something within this inventory alone; 0: everywhere */
    const struct geo_address *address; /* of a place */
    unsigned bits;
    str text; /* of a name or a word */
};

static bool is_local(const struct geo_address *address) {
    enum geo_use use = geo_address_use(address);
    return use == GEO_PRIVATE || use == GEO_SHARED || use == GEO_LOOPBACK || use == GEO_LINK_LOCAL;
}

/* The places of a record: its network, else its addresses. False: it has no more. */
static bool place_at(const struct roll_record *r, size_t i, struct key *out) {
    bool is_network = r->said != NULL && r->said->network != NULL;
    const struct geo_address *address = is_network ? &r->said->network->base : address_at(r, i);
    if (address == NULL || (is_network && i > 0)) return false;
    *out = (struct key){.kind = KEY_PLACE,
                        .address = address,
                        .bits = is_network ? r->said->network->bits : address->len * 8,
                        .file = is_local(address) ? r->file + 1 : 0};
    return true;
}

static uint32_t key_hash(const struct key *key) {
    uint64_t seed = (uint64_t)key->file << 16 | key->bits << 2 | key->kind;
    str bytes = key->kind == KEY_PLACE ? str_of(key->address->at, key->address->len) : key->text;
    uint64_t hash = str_hash(bytes, seed);
    uint32_t folded = (uint32_t)(hash ^ hash >> 32);
    return folded != 0 ? folded : 1;
}

static bool has_place(const struct roll_record *r, const struct key *key) {
    struct key own;
    for (size_t i = 0; place_at(r, i, &own); i++)
        if (own.bits == key->bits && own.file == key->file &&
            geo_address_equal(own.address, key->address))
            return true;
    return false;
}

static bool has_key(const struct roll_record *r, const struct key *key) {
    if (key->kind == KEY_PLACE) return has_place(r, key);
    if (r->said == NULL) return false;
    if (str_equal(r->said->name, key->text)) return true;
    for (size_t i = 0; key->kind == KEY_NAME && i < r->said->named_count; i++)
        if (str_equal(r->said->named[i], key->text)) return true;
    return false;
}

/* ---- buckets: who goes by a key; records by their number from 1 ---- */

enum { NOBODY = 0 };
#define SEVERAL UINT32_MAX
struct bucket {
    uint32_t hash; /* 0: free */
    uint32_t of;   /* the first that has the key */
    uint32_t
        bare; /* without a name; of a name, who has it besides their own; of a word, without an address */
    uint32_t host, label; /* by a host name; by a name for people */
};
struct matching {
    struct survey_roll *roll;
    struct arena_space space;
    struct bucket *at;
    size_t mask;
};

static enum error_code matching_open(struct matching *m, struct error *e) {
    size_t keys = 0, cap = 64;
    struct arena ignored;
    for (size_t i = 0; i < m->roll->count; i++) {
        const struct roll_record *r = &m->roll->records[i];
        const struct roll_said *said = r->said;
        keys += r->address.len > 0;
        if (said == NULL) continue;
        keys += said->address_count + said->named_count + 2; /* its name, a network */
        if (said->found != NULL) keys += said->found->address_count;
    }
    while (cap < 2 * keys) cap *= 2;
    TRY(arena_space_open(&m->space, cap * sizeof *m->at, &ignored, e));
    arena_space_dense(&m->space);
    m->at = m->space.at;
    m->mask = cap - 1;
    return OK;
}

/* The key's bucket; `record` has the key. */
static struct bucket *bucket_of(struct matching *m, const struct key *key, uint32_t record) {
    uint32_t hash = key_hash(key);
    for (size_t at = hash & m->mask;; at = (at + 1) & m->mask) {
        struct bucket *b = &m->at[at];
        if (b->hash == 0) *b = (struct bucket){.hash = hash, .of = record + 1};
        if (b->hash == hash && has_key(&m->roll->records[b->of - 1], key)) return b;
    }
}

/* ---- host names: the same name is the same server ---- */

static void name_meet(struct matching *m, uint32_t i) {
    const struct roll_said *said = m->roll->records[i].said;
    struct key key = {.kind = KEY_NAME, .text = said->name};
    if (naming_of(m->roll, i) == HOST) {
        struct bucket *b = bucket_of(m, &key, i);
        if (b->host == NOBODY) b->host = i + 1;
        unite(m->roll, b->host - 1, i);
    }
    for (size_t k = 0; k < said->named_count; k++) {
        key.text = said->named[k];
        if (!is_whole(key.text)) continue;
        struct bucket *b = bucket_of(m, &key, i);
        bool is_other = b->bare != NOBODY && b->bare != SEVERAL &&
                        roll_first(m->roll, b->bare - 1) != roll_first(m->roll, i);
        b->bare = is_other ? SEVERAL : b->bare == NOBODY ? i + 1 : b->bare;
    }
}

/* A further name that one server alone has leads to the server called so; one that several have is a service. */
static void named_join(struct matching *m, uint32_t i) {
    const struct roll_said *said = m->roll->records[i].said;
    for (size_t k = 0; k < said->named_count; k++) {
        struct key key = {.kind = KEY_NAME, .text = said->named[k]};
        if (!is_whole(key.text)) continue;
        const struct bucket *b = bucket_of(m, &key, i);
        if (b->bare != SEVERAL && b->host != NOBODY) unite(m->roll, b->host - 1, i);
    }
}

/* ---- words: "db1", "Payroll" ---- */

static void word_meet(struct matching *m, uint32_t i) {
    const struct roll_record *r = &m->roll->records[i], *first;
    struct key key = {.kind = KEY_WORD, .text = r->said->name};
    struct bucket *b = bucket_of(m, &key, i);
    bool has_place = address_at(r, 0) != NULL;
    uint32_t *slot = has_place ? &b->host : &b->bare;
    if (*slot != NOBODY) {
        first = &m->roll->records[*slot - 1];
        bool is_same = has_place ? shares_address(first, r) : first->file != r->file;
        is_same = is_same && operators_agree(first, r);
        if (is_same && has_place) unite(m->roll, *slot - 1, i);
        if (!is_same) b->label = SEVERAL;
    }
    if (*slot == NOBODY || !has_place) *slot = i + 1;
}

static void word_join(struct matching *m, uint32_t i) {
    const struct roll_record *r = &m->roll->records[i];
    struct key key = {.kind = KEY_WORD, .text = r->said->name};
    const struct bucket *b = bucket_of(m, &key, i);
    bool has_place = address_at(r, 0) != NULL;
    uint32_t with = b->host != NOBODY ? b->host : b->bare;
    if (has_place || b->label == SEVERAL) return;
    if (operators_agree(&m->roll->records[with - 1], r)) unite(m->roll, with - 1, i);
}

/* ---- places ---- */

/* Who stands there by a name of that kind: the first, the whole name rather than the word; SEVERAL do. */
static uint32_t stander(const struct survey_roll *roll, uint32_t there, uint32_t i) {
    if (there == NOBODY) return i + 1;
    if (there == SEVERAL) return SEVERAL;
    str a = name_of(roll, there - 1), b = name_of(roll, i);
    bool is_host = !roll->records[i].said->is_label;
    bool is_one = roll_first((struct survey_roll *)roll, there - 1) ==
                  roll_first((struct survey_roll *)roll, i);
    if (!is_one && !(is_host ? get_along(a, b) : str_equal(a, b))) return SEVERAL;
    return b.len > a.len ? i + 1 : there;
}

static void places_meet(struct matching *m, uint32_t i) {
    struct key key;
    enum naming naming = naming_of(m->roll, i);
    for (size_t k = 0; place_at(&m->roll->records[i], k, &key); k++) {
        struct bucket *b = bucket_of(m, &key, i);
        if (naming == LABEL)
            b->label = stander(m->roll, b->label, i);
        else if (naming != UNNAMED)
            b->host = stander(m->roll, b->host, i);
        else if (b->bare == NOBODY)
            b->bare = i + 1;
        else
            unite(m->roll, b->bare - 1, i);
    }
}

static void places_join(struct matching *m, uint32_t i) {
    struct key key;
    for (size_t k = 0; place_at(&m->roll->records[i], k, &key); k++) {
        const struct bucket *b = bucket_of(m, &key, i);
        if (b->host == SEVERAL || b->label == SEVERAL) continue;
        if (b->host != NOBODY) unite(m->roll, b->host - 1, i);
        if (b->label != NOBODY) unite(m->roll, b->label - 1, i);
        if (b->bare != NOBODY) unite(m->roll, b->bare - 1, i);
    }
}

/* ---- all of them ---- */

/* A network is no server: one with a name is that network's, whatever else is called so. */
static void names_each(struct matching *m, void (*visit)(struct matching *, uint32_t)) {
    for (uint32_t i = 0; i < m->roll->count; i++) {
        const struct roll_said *said = m->roll->records[i].said;
        if (said != NULL && said->network == NULL) visit(m, i);
    }
}

static void words_each(struct matching *m, void (*visit)(struct matching *, uint32_t)) {
    for (uint32_t i = 0; i < m->roll->count; i++) {
        enum naming naming = naming_of(m->roll, i);
        if ((naming == LABEL || naming == WORD) && m->roll->records[i].said->network == NULL)
            visit(m, i);
    }
}

enum error_code roll_unite(struct survey_roll *roll, struct error *e) {
    struct matching m = {.roll = roll};
    TRY(matching_open(&m, e));
    names_each(&m, name_meet);
    names_each(&m, named_join);
    words_each(&m, word_meet);
    words_each(&m, word_join);
    for (uint32_t i = 0; i < roll->count; i++) places_meet(&m, i);
    for (uint32_t i = 0; i < roll->count; i++) /* those without a name stand together already */
        if (roll->records[i].said != NULL) places_join(&m, i);
    arena_space_release(&m.space);
    return OK;
}
