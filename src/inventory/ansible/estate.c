/* Hosts and groups: tables by name, what is said of them, and which of it counts. */
#include "inventory/ansible/estate.h"

#include <stdio.h>

struct estate_link {
    struct estate_link *next;
    struct estate_group *group;
    const struct estate_said *said;
};

static enum error_code no_room(const struct estate *x) {
    return error_set(x->reading->e, FAIL_MEMORY, "%.*s: no room for the hosts in it",
                     STR_FMT(x->reading->file));
}

static enum error_code link_add(struct estate *x, struct estate_link **list,
                                struct estate_group *group, const struct estate_said *said) {
    struct estate_link *link = arena_new(&x->reading->scratch, struct estate_link, 1);
    if (link == NULL) return no_room(x);
    *link = (struct estate_link){*list, group, said};
    *list = link;
    return OK;
}

enum error_code estate_link_said(struct estate *x, struct estate_link **list,
                                 const struct estate_said *said) {
    return link_add(x, list, NULL, said);
}

enum error_code estate_open(struct estate *x, struct reading *r) {
    *x = (struct estate){.reading = r, .making = arena_new(&r->scratch, struct making, 1)};
    if (x->making == NULL) return no_room(x);
    static const char *const given[] = {"all", "ungrouped"};
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        struct estate_group *group;
        TRY(estate_group(x, str_from_c(given[i]), 1, &group));
        group->is_defined = true;
    }
    return OK;
}

/* ---- tables ---- */

static size_t group_slot(const struct estate *x, str name) {
    size_t i = (size_t)str_hash(name, 0) & (x->group_cap - 1);
    while (x->group_slots[i] != NULL && !str_equal(x->group_slots[i]->name, name))
        i = (i + 1) & (x->group_cap - 1);
    return i;
}
static size_t host_slot(const struct estate *x, str name) {
    size_t i = (size_t)str_hash(name, 0) & (x->host_cap - 1);
    while (x->host_slots[i] != NULL && !str_equal(x->host_slots[i]->name, name))
        i = (i + 1) & (x->host_cap - 1);
    return i;
}

static enum error_code groups_grow(struct estate *x) {
    x->group_cap = x->group_cap == 0 ? 64 : x->group_cap * 2;
    x->group_slots = arena_new(&x->reading->scratch, struct estate_group *, x->group_cap);
    if (x->group_slots == NULL) return no_room(x);
    for (struct estate_group *g = x->groups; g != NULL; g = g->next)
        x->group_slots[group_slot(x, g->name)] = g;
    return OK;
}
static enum error_code hosts_grow(struct estate *x) {
    x->host_cap = x->host_cap == 0 ? 256 : x->host_cap * 2;
    x->host_slots = arena_new(&x->reading->scratch, struct estate_host *, x->host_cap);
    if (x->host_slots == NULL) return no_room(x);
    for (struct estate_host *h = x->hosts; h != NULL; h = h->next)
        x->host_slots[host_slot(x, h->name)] = h;
    return OK;
}

enum error_code estate_group(struct estate *x, str name, uint64_t line, struct estate_group **out) {
    *out = NULL;
    if (x->group_count * 2 >= x->group_cap) TRY(groups_grow(x));
    struct estate_group **slot = &x->group_slots[group_slot(x, name)];
    if (*slot == NULL && x->group_count == LIMIT_INVENTORY_GROUPS) {
        if (!x->is_over_groups)
            reading_problem(x->reading, line, "over %d groups; what the others say was left out",
                            LIMIT_INVENTORY_GROUPS);
        x->is_over_groups = true;
        return OK;
    }
    if (*slot == NULL) {
        struct estate_group *group = arena_new(&x->reading->scratch, struct estate_group, 1);
        if (group == NULL) return no_room(x);
        group->name = name;
        group->line = line;
        group->said.is_of_group = true;
        *slot = group;
        *(x->groups == NULL ? &x->groups : &x->groups_end->next) = group;
        x->groups_end = group;
        x->group_count++;
    }
    return *out = *slot, OK;
}

enum error_code estate_child(struct estate *x, struct estate_group *parent,
                             struct estate_group *child) {
    if (parent == NULL || child == NULL) return OK; /* over the limit */
    return link_add(x, &child->parents, parent, NULL);
}

/* ---- hosts ---- */

struct adding {
    struct estate *estate;
    struct estate_group *group;
    const struct estate_said *said;
    uint64_t line, offset;
    bool is_view; /* the name lies in the file */
    str view;
};

static enum error_code host_add(void *self, str name) {
    struct adding *a = self;
    struct estate *x = a->estate;
    if (x->host_count * 2 >= x->host_cap) TRY(hosts_grow(x));
    struct estate_host **slot = &x->host_slots[host_slot(x, name)];
    if (*slot == NULL) {
        struct estate_host *host = arena_new(&x->reading->scratch, struct estate_host, 1);
        if (host == NULL) return no_room(x);
        host->name = a->view;
        if (!a->is_view) TRY(arena_copy(&x->reading->scratch, name, &host->name, x->reading->e));
        host->line = a->line;
        host->offset = a->offset;
        host->group = a->group;
        *slot = host;
        *(x->hosts == NULL ? &x->hosts : &x->hosts_end->next) = host;
        x->hosts_end = host;
        x->host_count++;
    }
    struct estate_host *host = *slot;
    if (a->group != NULL) TRY(link_add(x, &host->groups, a->group, NULL));
    if (a->said->first != NULL) TRY(link_add(x, &host->said, NULL, a->said));
    return OK;
}

/* "web1:22" without its port; an address of IPv6 has no port without brackets. */
static str port_cut(str pattern) {
    size_t colon = pattern.len, close;
    while (colon > 0 && pattern.at[colon - 1] >= '0' && pattern.at[colon - 1] <= '9') colon--;
    if (colon == 0 || colon == pattern.len || pattern.at[colon - 1] != ':') return pattern;
    str host = str_slice(pattern, 0, colon - 1), rest = host;
    while (str_find_char(rest, ']', &close)) rest = str_skip(rest, close + 1);
    size_t other;
    bool is_inside = str_find_char(rest, '[', &other) || str_find_char(rest, ':', &other);
    return is_inside ? pattern : host;
}

enum error_code estate_hosts(struct estate *x, str pattern, struct estate_group *group,
                             const struct estate_said *said, uint64_t line, uint64_t offset) {
    struct adding adding = {x, group, said, line, offset, true, port_cut(pattern)};
    struct geo_address address;
    size_t open;
    str host = adding.view;
    if (str_trim(host).len == 0) {
        reading_problem(x->reading, line, "expected a host, found a name of nothing");
        return OK;
    }
    if (ansible_is_template(host)) {
        reading_problem(x->reading, line,
                        "expected a host, found a template ({{ … }}): what it stands for is not "
                        "known");
        return OK;
    }
    if (str_starts(host, STR("[")) && str_ends(host, STR("]")) &&
        geo_address_read(str_slice(host, 1, host.len - 2), &address))
        adding.view = str_slice(host, 1, host.len - 2); /* an address of IPv6, and no range */
    if (!str_find_char(adding.view, '[', &open)) return host_add(&adding, adding.view);
    adding.is_view = false;
    const struct ansible_names names = {host_add, &adding};
    const char *why;
    TRY(ansible_range_expand(host, &names, &why));
    if (why != NULL)
        reading_problem(x->reading, line, "expected a host or a range of hosts: %s, found \"%.*s\"",
                        why, STR_FMT(reading_shown(host)));
    return OK;
}

/* ---- what is said ---- */

bool ansible_is_template(str text) {
    size_t at;
    return str_find(text, STR("{{"), &at) || str_find(text, STR("{%"), &at);
}

bool ansible_is_host_key(str key) {
    return str_equal(key, STR("ansible_host")) || str_equal(key, STR("ansible_ssh_host"));
}

static enum error_code value_add(struct estate *x, struct estate_said *said,
                                 const struct estate_value *value) {
    struct estate_value *own = arena_new(&x->reading->scratch, struct estate_value, 1);
    if (own == NULL) return no_room(x);
    *own = *value;
    own->next = said->first;
    said->first = own;
    if (x->beside.len == 0) return OK;
    own->file = x->beside;
    TRY(arena_copy(&x->reading->scratch, value->key, &own->key, x->reading->e));
    return arena_copy(&x->reading->scratch, value->text, &own->text, x->reading->e);
}

/* Whether a key means something to us; a group's domain or endpoint is what its machines use, and would be one name of
 * all of them. */
static bool word_read(struct estate *x, const struct estate_said *said, str key,
                      const struct word **word) {
    *word = NULL;
    if (ansible_is_host_key(key)) return true;
    *word = word_of(x->reading, key);
    return *word != NULL && !(said->is_of_group && (*word)->field == INVENTORY_HOST);
}

enum error_code estate_say(struct estate *x, struct estate_said *said, str key, str text,
                           uint64_t line) {
    if (ansible_is_template(text))
        return estate_say_unknown(x, said, key, "a template ({{ … }})", line);
    struct estate_value value = {.key = key, .text = text, .is_known = true, .line = line};
    return word_read(x, said, key, &value.word) ? value_add(x, said, &value) : OK;
}

void ansible_unknown_tell(struct reading *r, uint64_t line, str key, const char *what) {
    reading_problem(r, line, "expected %.*s in plain, found %s: what it stands for is not known",
                    STR_FMT(reading_shown(key)), what);
}

enum error_code estate_say_unknown(struct estate *x, struct estate_said *said, str key,
                                   const char *what, uint64_t line) {
    struct estate_value value = {.key = key, .line = line};
    if (!word_read(x, said, key, &value.word)) return OK;
    ansible_unknown_tell(x->reading, line, key, what);
    return value_add(x, said, &value);
}

/* ---- which of it counts ---- */

/* How far below "all", by the longest way, as Ansible counts; a group that contains itself is told. */
static unsigned depth_of(struct estate *x, struct estate_group *group) {
    if (group->state == DEPTH_BUSY) {
        reading_problem(x->reading, group->line,
                        "expected groups in groups, found \"%.*s\" within "
                        "itself",
                        STR_FMT(reading_shown(group->name)));
        return 0;
    }
    if (group->state == DEPTH_KNOWN) return group->depth;
    group->state = DEPTH_BUSY;
    group->depth = group == x->groups ? 0 : 1; /* the first is "all" */
    for (const struct estate_link *link = group->parents; link != NULL; link = link->next) {
        unsigned depth = depth_of(x, link->group) + 1;
        if (depth > group->depth) group->depth = depth;
    }
    group->state = DEPTH_KNOWN;
    return group->depth;
}

enum { VOICES_MOST = 64 };
struct voice {
    const struct estate_said *said;
    const struct estate_group *group; /* NULL: of the host itself */
    bool is_beside;
};
struct voices { /* the nearest first */
    struct voice at[VOICES_MOST];
    size_t count;
};

/* Any group's file under group_vars/ goes before what the inventory says of groups; of the same depth the last by name
 * goes before. Source: Ansible, "Variable precedence". */
static bool goes_before(const struct voice *a, const struct voice *b) {
    if (b->group == NULL) return false;
    if (a->is_beside != b->is_beside) return a->is_beside;
    if (a->group->depth != b->group->depth) return a->group->depth > b->group->depth;
    return str_compare(a->group->name, b->group->name) > 0;
}

static void voice_add(struct voices *v, const struct estate_group *group,
                      const struct estate_said *said) {
    struct voice voice = {said, group, said != &group->said};
    size_t at = v->count;
    while (at > 0 && goes_before(&voice, &v->at[at - 1])) at--;
    if (at == VOICES_MOST) return;
    size_t kept = size_min(v->count, VOICES_MOST - 1);
    for (size_t i = kept; i > at; i--) v->at[i] = v->at[i - 1];
    v->at[at] = voice;
    v->count = kept + 1;
}

/* `turn`: of the host at hand; each group speaks once. */
static void groups_hear(struct voices *v, struct estate_group *group, unsigned turn) {
    if (group->met == turn) return;
    group->met = turn;
    for (const struct estate_link *link = group->beside; link != NULL; link = link->next)
        voice_add(v, group, link->said);
    if (group->said.first != NULL) voice_add(v, group, &group->said);
    for (const struct estate_link *link = group->parents; link != NULL; link = link->next)
        groups_hear(v, link->group, turn);
}

/* What is said of the host itself. */
static void own_hear(struct voices *v, const struct estate_link *said, bool is_beside) {
    for (; said != NULL && v->count < VOICES_MOST / 2; said = said->next)
        v->at[v->count++] = (struct voice){said->said, NULL, is_beside};
}

static void voices_hear(struct estate *x, const struct estate_host *host, unsigned turn,
                        struct voices *v) {
    v->count = 0;
    own_hear(v, host->beside, true);
    own_hear(v, host->said, false);
    for (const struct estate_link *l = host->groups; l != NULL; l = l->next)
        groups_hear(v, l->group, turn);
    groups_hear(v, x->groups, turn); /* "all" */
}

/* Whether somebody nearer has spoken of it. */
static bool is_outspoken(const struct voices *v, size_t before, str key) {
    for (size_t i = 0; i < before; i++)
        for (const struct estate_value *o = v->at[i].said->first; o != NULL; o = o->next)
            if (str_equal(o->key, key) || (ansible_is_host_key(o->key) && ansible_is_host_key(key)))
                return true;
    return false;
}

void ansible_host_take(struct making *m, str key, str text, uint64_t line) {
    str bad;
    const char *why = making_hosts(m, text, false, &bad);
    if (why != NULL)
        reading_problem(m->reading, line, "expected a host in %.*s: %s, found \"%.*s\"",
                        STR_FMT(key), why, STR_FMT(reading_shown(bad)));
}

static void value_take(struct making *m, const struct estate_value *value) {
    struct reading *r = m->reading;
    str file = r->file;
    if (!value->is_known) return;
    if (value->file.len > 0) r->file = value->file; /* for messages */
    if (value->word != NULL)
        making_word(m, value->word, value->text, value->line, true);
    else
        ansible_host_take(m, value->key, value->text, value->line);
    r->file = file;
}

static enum error_code host_tell(struct estate *x, const struct estate_host *host, unsigned turn) {
    struct making *m = x->making;
    struct voices voices;
    bool was_server;
    voices_hear(x, host, turn, &voices);
    making_begin(m, x->reading, host->line, host->offset);
    making_said(m, INVENTORY_LABEL, host->name);
    for (size_t i = 0; i < voices.count; i++)
        for (const struct estate_value *v = voices.at[i].said->first; v != NULL; v = v->next)
            if (!is_outspoken(&voices, i, v->key)) value_take(m, v);
    bool is_in_group =
        host->group != NULL && host->group != x->groups && host->group != x->groups->next;
    if (is_in_group) making_said(m, INVENTORY_KIND, host->group->name);
    const char *why = making_host(m, host->name, false);
    if (why != NULL && m->server.address_count == 0 && m->name_count == 0)
        reading_problem(x->reading, host->line, "expected a host: %s, found \"%.*s\"", why,
                        STR_FMT(reading_shown(host->name)));
    return making_end(m, &was_server);
}

enum error_code estate_tell(struct estate *x) {
    unsigned turn = 0;
    TRY(ansible_beside_read(x));
    for (struct estate_group *g = x->groups; g != NULL; g = g->next) {
        (void)depth_of(x, g);
        if (!g->is_defined)
            reading_problem(x->reading, g->line,
                            "expected a group of this file, found \"%.*s\", "
                            "which has no section",
                            STR_FMT(reading_shown(g->name)));
    }
    for (const struct estate_host *h = x->hosts; h != NULL; h = h->next)
        TRY(host_tell(x, h, ++turn));
    return OK;
}
