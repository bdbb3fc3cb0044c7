/* "web[01:20].example.jp", "db-[a:f]", "[1:9:2]": names that a pattern stands for. */
#include "inventory/ansible/estate.h"

enum { NAME_BYTES = 256, RANGES_MOST = 8 };

struct range {
    str before; /* of the pattern, up to its '[' */
    uint64_t first, last, step;
    int width;      /* digits with zeros before them; 0: as many as there are */
    bool is_letter; /* first and last are places of the alphabet */
};

struct expansion {
    struct range ranges[RANGES_MOST];
    size_t count;
    str after; /* the last range */
    const struct ansible_names *names;
    char name[NAME_BYTES];
};

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool letter_read(str text, uint64_t *out) {
    if (text.len != 1 || text.at[0] == 0) return false;
    const char *at = strchr(letters, text.at[0]);
    if (at == NULL) return false;
    *out = (uint64_t)(at - letters);
    return true;
}

/* "01:20", "a:f", "1:9:2", ":9" from 0. Why not, or NULL. */
static const char *range_read(str text, struct range *out) {
    static const char *const wanted = "a range is written [01:20], [a:f] or [1:9:2]";
    str first, last = text, step = STR_EMPTY;
    if (!str_cut(&last, ':', &first)) return wanted;
    str head;
    if (str_cut(&last, ':', &head)) {
        step = last;
        last = head;
        if (!str_u64(step, &out->step) || out->step == 0) return "a step is a number from 1";
    }
    if (first.len == 0) first = STR("0");
    out->is_letter = letter_read(first, &out->first) && letter_read(last, &out->last);
    if (!out->is_letter && (!str_u64(first, &out->first) || !str_u64(last, &out->last)))
        return wanted;
    if (out->first > out->last) return "a range begins with the smaller of its ends";
    if (!out->is_letter && first.len > 1 && first.at[0] == '0') {
        if (first.len != last.len) return "a range with zeros has ends of one length, as [01:20]";
        out->width = (int)size_min(first.len, NAME_BYTES);
    }
    return NULL;
}

static const char *pattern_read(struct expansion *x, str pattern) {
    uint64_t product = 1;
    size_t open, close;
    while (str_find_char(pattern, '[', &open)) {
        if (x->count == RANGES_MOST) return "over 8 ranges in one name";
        struct range *range = &x->ranges[x->count++];
        *range = (struct range){.before = str_slice(pattern, 0, open), .step = 1};
        pattern = str_skip(pattern, open + 1);
        if (!str_find_char(pattern, ']', &close)) return "a '[' without its ']'";
        const char *why = range_read(str_slice(pattern, 0, close), range);
        if (why != NULL) return why;
        uint64_t count = (range->last - range->first) / range->step;
        if (count >= LIMIT_INVENTORY_GENERATED ||
            (product *= count + 1) > LIMIT_INVENTORY_GENERATED)
            return "a range of over 65,536 names";
        pattern = str_skip(pattern, close + 1);
    }
    x->after = pattern;
    return NULL;
}

/* The name is written up to `used`, and `i` ranges are. */
static enum error_code names_make(struct expansion *x, size_t i, size_t used, const char **why) {
    struct text text = text_into(x->name + used, NAME_BYTES - used);
    if (i == x->count) {
        text_add(&text, x->after);
        if (text.overflow) return *why = "a name is over 253 characters", OK;
        return x->names->take(x->names->self, str_of(x->name, used + text.len));
    }
    const struct range *range = &x->ranges[i];
    for (uint64_t value = range->first;; value += range->step) {
        text = text_into(x->name + used, NAME_BYTES - used);
        text_add(&text, range->before);
        if (range->is_letter)
            text_add_char(&text, letters[value]);
        else
            text_format(&text, "%0*llu", range->width, (unsigned long long)value);
        if (text.overflow) return *why = "a name is over 253 characters", OK;
        TRY(names_make(x, i + 1, used + text.len, why));
        if (*why != NULL || range->last - value < range->step) return OK;
    }
}

enum error_code ansible_range_expand(str pattern, const struct ansible_names *names,
                                     const char **why) {
    struct expansion x = {.names = names};
    *why = pattern_read(&x, pattern);
    return *why != NULL ? OK : names_make(&x, 0, 0, why);
}
