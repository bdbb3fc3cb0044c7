/* Who is at the other end: which address is believed, and what a network says about it. */
#include "facts/inner.h"

const str facts_request_paths[] = {{"act.purpose", 11}, {"reader", 6}};
const size_t facts_request_path_count = COUNT_OF(facts_request_paths);

/* ---- X-Forwarded-For ---- */

/* "192.0.2.1", "192.0.2.1:443", "[2001:db8::1]", "[2001:db8::1]:443", "2001:db8::1". */
static bool entry_read(str entry, struct geo_address *out) {
    entry = str_trim(entry);
    size_t colon;
    if (str_starts(entry, STR("["))) {
        size_t end;
        uint32_t port;
        if (!str_find_char(entry, ']', &end)) return false;
        str rest = str_skip(entry, end + 1);
        if (rest.len > 0 && (rest.at[0] != ':' || !str_u32(str_skip(rest, 1), &port))) return false;
        return geo_address_read(str_slice(entry, 1, end - 1), out) && out->len > 0;
    }
    if (geo_address_read(entry, out)) return true;
    if (!str_find_char(entry, ':', &colon)) return false;
    uint32_t port;
    return str_u32(str_skip(entry, colon + 1), &port) && port <= 65535 &&
           geo_address_read(str_slice(entry, 0, colon), out);
}

/* The part behind the last comma; what stood before it is left. */
static str last_entry(str *rest) {
    size_t at = rest->len;
    while (at > 0 && rest->at[at - 1] != ',') at--;
    str entry = str_skip(*rest, at);
    *rest = str_slice(*rest, 0, at > 0 ? at - 1 : 0);
    return entry;
}

bool facts_forwarded_read(str forwarded_for, const struct geo_table *trusted,
                          struct geo_address *out) {
    struct geo_address address = {.len = 0};
    const struct geo_row *row;
    while (forwarded_for.len > 0) {
        bool was_last = memchr(forwarded_for.at, ',', forwarded_for.len) == NULL;
        if (!entry_read(last_entry(&forwarded_for), &address)) return false;
        if (was_last || !geo_table_find(trusted, &address, &row)) {
            *out = address;
            return true;
        }
    }
    return false;
}

/* ---- what networks say ---- */

static void country_from_site(const struct facts_world *w, const struct register_row *network,
                              str site_id, struct facts_reader *r) {
    int64_t at_ns = w->options.at_ns;
    const struct register_row *site = world_row(w, REGISTER_SITES, site_id);
    const struct register_value *country =
        site != NULL ? register_value_find(&site->fields, STR("country")) : NULL;
    if (world_is_contradicted(w, site_id)) {
        r->reason = "what the machine says contradicts the country of its site";
    } else if (register_value_is_good(country, at_ns)) {
        r->country = country->text;
        r->by = country->by == REGISTER_MEASURED ? RULEBOOK_BY_MEASURED : RULEBOOK_BY_DECLARED;
    } else {
        r->reason = site != NULL ? "the country of the network's site is not known"
                                 : "the register places the network nowhere";
    }
}

static void reader_from_network(const struct facts_world *w, const struct register_row *network,
                                struct facts_reader *r) {
    int64_t at_ns = w->options.at_ns;
    str site = STR_EMPTY;
    r->network = network->id;
    r->source = network->id;
    register_text_at(network, STR("entity"), at_ns, &r->entity);
    register_text_at(network, STR("role"), at_ns, &r->role);
    if (register_text_at(network, STR("country"), at_ns, &r->country)) {
        r->by = RULEBOOK_BY_DECLARED;
        return;
    }
    const struct register_value *here = register_value_find(&network->fields, STR("here"));
    if (register_value_is_good(here, at_ns) && here->yes)
        site = w->options.site;
    else
        register_text_at(network, STR("site"), at_ns, &site);
    country_from_site(w, network, site, r);
}

void facts_reader_find(const struct facts_world *world, const struct geo_address *peer,
                       str forwarded_for, struct facts_reader *out) {
    const struct geo_row *row;
    *out = (struct facts_reader){.address = *peer, .reason = ""};
    bool peer_is_trusted = peer->len > 0 && geo_table_find(&world->trusted, peer, &row);
    if (peer_is_trusted && str_trim(forwarded_for).len > 0) {
        out->forwarded = true;
        if (!facts_forwarded_read(forwarded_for, &world->trusted, &out->address)) {
            out->address.len = 0;
            out->reason = "a trusted proxy named something that is no address";
            return;
        }
    }
    if (out->address.len == 0) {
        out->reason = "no network address is known";
        return;
    }
    if (geo_table_find(&world->networks, &out->address, &row)) {
        reader_from_network(world, &world->network_rows[row->value], out);
        return;
    }
    struct geo_place place = geo_data_find(world->options.geo, &out->address);
    out->source = world->geo_source;
    if (place.why != GEO_KNOWN) {
        out->reason = geo_why_text(&place);
        return;
    }
    memcpy(out->country_memory, place.country.at, 2);
    out->country = str_of(out->country_memory, 2);
    out->by = RULEBOOK_BY_DOCUMENT;
}

/* ---- the request's layer ---- */

static struct rulebook_value reader_text(str text, const struct facts_reader *r,
                                         enum rulebook_by by, const char *why) {
    if (text.len == 0) return unknown_because(str_from_c(why));
    struct rulebook_value v = rulebook_text(text);
    v.by = by;
    v.source = r->source;
    return v;
}

struct rulebook_facts facts_request(const struct facts_reader *reader, str purpose,
                                    struct rulebook_fact facts[FACTS_REQUEST_COUNT]) {
    const char *outside = "the address lies in no network of the register";
    size_t count = 0;
    facts[count++] = (struct rulebook_fact){
        STR("act.purpose"), reader_text(purpose, &(struct facts_reader){.source = STR("request")},
                                        RULEBOOK_BY_DECLARED, "the request states none")};
    facts[count++] = (struct rulebook_fact){
        STR("reader.country"), reader_text(reader->country, reader, reader->by, reader->reason)};
    facts[count++] = (struct rulebook_fact){
        STR("reader.entity"), reader_text(reader->entity, reader, RULEBOOK_BY_DECLARED, outside)};
    facts[count++] = (struct rulebook_fact){
        STR("reader.network"), reader_text(reader->network, reader, RULEBOOK_BY_COMPUTED, outside)};
    facts[count++] = (struct rulebook_fact){
        STR("reader.role"), reader_text(reader->role, reader, RULEBOOK_BY_DECLARED, outside)};
    assert(count <= FACTS_REQUEST_COUNT);
    return (struct rulebook_facts){facts, count, NULL};
}
