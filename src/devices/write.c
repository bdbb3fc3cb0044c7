/* The table as a file of the register. What a row said before stands as it was; only what is seen is
 * added to it. */
#include <stdlib.h>

#include "devices/inner.h"

/* ---- the canonical row: a map whose members are copied as they are ---- */

/* The length of a JSON value at the beginning of the text. Canonical: no white space. */
static size_t value_length(str text) {
    unsigned depth = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (inside && c == '\\')
            i++;
        else if (c == '"')
            inside = !inside;
        else if (!inside && (c == '{' || c == '['))
            depth++;
        else if (!inside && (c == '}' || c == ']') && depth-- == 0)
            return i;
        else if (!inside && c == ',' && depth == 0)
            return i;
    }
    return text.len;
}

/* What stands under a key; empty: nothing. */
static str member_of(const struct register_row *row, str key) {
    str rest = row != NULL ? str_skip(row->canonical, 1) : STR_EMPTY;
    while (str_starts(rest, STR("\""))) {
        size_t name = value_length(rest); /* up to the comma: key and value */
        str member = str_slice(rest, 0, name), inside = str_skip(member, 1);
        if (str_starts(inside, key) && str_starts(str_skip(inside, key.len), STR("\":")))
            return str_skip(inside, key.len + 2);
        rest = str_skip(rest, name + 1);
    }
    return STR_EMPTY;
}

/* ---- writing ---- */

struct writing {
    struct report_out *out;
    bool as_json, has_member;
};

static void key_write(struct writing *w, const char *key) {
    if (w->as_json)
        report_format(w->out, "%s\"%s\":", w->has_member ? "," : "", key);
    else
        report_format(w->out, "%s%s: ", w->has_member ? "    " : "  - ", key);
    w->has_member = true;
}
static void member_end(struct writing *w) {
    if (!w->as_json) report_add_c(w->out, "\n");
}

static void text_write(struct report_out *out, str text) {
    struct report_json j = report_json_begin(out, 0);
    report_json_str(&j, text);
}

static void member_write(struct writing *w, const char *key, str json) {
    if (json.len == 0) return;
    key_write(w, key);
    report_add(w->out, json);
    member_end(w);
}

static void word_write(struct writing *w, const struct device *device, const char *key, str text) {
    str said = member_of(device->row, str_from_c(key));
    if (said.len > 0 || device->is_as_it_was) {
        member_write(w, key, said);
    } else if (text.len > 0) {
        key_write(w, key);
        text_write(w->out, text);
        member_end(w);
    }
}

/* Who says more of a set than its members said what there is: that stays. */
static void words_write(struct writing *w, const struct device *device, const char *key,
                        const struct words *words) {
    str said = member_of(device->row, str_from_c(key));
    bool is_plain = said.len == 0 || str_starts(said, STR("["));
    if (device->is_as_it_was || !is_plain) {
        member_write(w, key, said);
        return;
    }
    if (words == NULL) return;
    key_write(w, key);
    report_add_c(w->out, "[");
    for (bool more = false; words != NULL; words = words->next, more = true) {
        if (more) report_add_c(w->out, ", ");
        text_write(w->out, words->text);
    }
    report_add_c(w->out, "]");
    member_end(w);
}

static void time_put(struct report_json *j, const char *key, int64_t ns) {
    char text[CLOCK_TEXT_BYTES];
    if (ns == REGISTER_ALWAYS_NS || ns == REGISTER_NEVER_NS) return;
    report_json_put(j, key, str_of(text, clock_iso_s_write(ns, text)));
}

static void observation_put(struct report_json *j, const struct observation *o) {
    report_json_object(j);
    if (o->means.len > 0) report_json_put(j, "means", o->means);
    if (o->maker.len > 0) report_json_put(j, "maker", o->maker);
    if (o->says.len > 0) report_json_put(j, "says", o->says);
    time_put(j, "first_seen", o->first_ns);
    time_put(j, "last_seen", o->last_ns);
    report_json_object_end(j);
}

/* As measured, unless somebody else's word is among it: the weaker word then stands for all. */
static void observations_write(struct writing *w, const struct device *device) {
    const struct register_value *before =
        device->row != NULL ? register_value_find(&device->row->fields, STR("observations")) : NULL;
    struct report_json j = report_json_begin(w->out, 0);
    if (device->is_as_it_was || device->observations == NULL) {
        member_write(w, "observations", member_of(device->row, STR("observations")));
        return;
    }
    key_write(w, "observations");
    bool is_ours = before == NULL || before->state != REGISTER_KNOWN;
    report_json_object(&j);
    report_json_put_c(&j, "by", is_ours ? "measured" : register_by_name(before->by));
    if (!is_ours) time_put(&j, "since", before->since_ns);
    if (!is_ours) time_put(&j, "until", before->until_ns);
    str source = is_ours ? STR("azekura register observe") : before->source;
    if (source.len > 0) report_json_put(&j, "source", source);
    report_json_key(&j, "items");
    report_json_array(&j);
    for (const struct observation *o = device->observations; o != NULL; o = o->next)
        observation_put(&j, o);
    report_json_array_end(&j);
    report_json_object_end(&j); /* ends the line */
}

static void device_write(struct writing *w, const struct device *device) {
    w->has_member = false;
    if (w->as_json) report_add_c(w->out, "{");
    key_write(w, "id");
    text_write(w->out, device->id);
    member_end(w);
    member_write(w, "valid", member_of(device->row, STR("valid")));
    const struct register_field *f = register_kind_of(REGISTER_EQUIPMENT)->fields;
    for (; f->name != NULL; f++) {
        str name = str_from_c(f->name);
        if (str_equal(name, STR("name")))
            word_write(w, device, f->name, device->name);
        else if (str_equal(name, STR("model")))
            word_write(w, device, f->name, device->model);
        else if (str_equal(name, STR("serial")))
            word_write(w, device, f->name, device->serial);
        else if (str_equal(name, STR("version")))
            word_write(w, device, f->name, device->version);
        else if (str_equal(name, STR("macs")))
            words_write(w, device, f->name, device->macs);
        else if (str_equal(name, STR("addresses")))
            words_write(w, device, f->name, device->addresses);
        else if (str_equal(name, STR("observations")))
            observations_write(w, device);
        else
            member_write(w, f->name, member_of(device->row, name));
    }
    member_write(w, "note", member_of(device->row, STR("note")));
    if (w->as_json) report_add_c(w->out, "}");
}

static int devices_order(const void *a, const void *b) {
    const struct device *x = *(const struct device *const *)a,
                        *y = *(const struct device *const *)b;
    int order = str_compare(x->id, y->id);
    if (order != 0 || x->row == NULL || y->row == NULL) return order;
    return (x->row->valid_from_ns > y->row->valid_from_ns) -
           (x->row->valid_from_ns < y->row->valid_from_ns);
}

void devices_write(const struct devices *devices, bool as_json, struct report_out *out) {
    struct writing w = {.out = out, .as_json = as_json};
    qsort(devices->list, devices->count, sizeof(struct device *), devices_order);
    report_add_c(out, as_json ? "{\"equipment\":["
                              : "# Written by azekura register observe: --into takes it up again.\n"
                                "equipment:");
    if (!as_json) report_add_c(out, devices->count > 0 ? "\n" : " []\n");
    for (size_t i = 0; i < devices->count; i++) {
        if (as_json && i > 0) report_add_c(out, ",");
        if (as_json) report_add_c(out, "\n");
        device_write(&w, devices->list[i]);
    }
    if (as_json) report_add_c(out, "\n]}\n");
}
