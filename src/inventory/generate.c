/* $GENERATE: many records from one line. Source: BIND 9 Administrator Reference Manual, "$GENERATE". */
#include "inventory/zone.h"

static bool number_cut(str *text, char separator, uint32_t *out) {
    str head;
    return str_cut(text, separator, &head) && str_u32(head, out);
}

const char *zone_range_read(str text, struct zone_range *out) {
    struct zone_range range = {.step = 1};
    str rest = text, step = STR_EMPTY;
    size_t slash;
    if (str_find_char(rest, '/', &slash)) {
        step = str_skip(rest, slash + 1);
        rest = str_slice(rest, 0, slash);
        if (!str_u32(step, &range.step) || range.step == 0) return "a step is a number from 1";
    }
    if (!number_cut(&rest, '-', &range.first) || !str_u32(rest, &range.last) ||
        range.first > range.last)
        return "a range is written 1-50 or 1-50/2";
    if ((range.last - range.first) / range.step >= LIMIT_INVENTORY_GENERATED)
        return "a range of over 65,536 records";
    *out = range;
    return NULL;
}

/* One nibble after the other, the least first, with dots: as names under ip6.arpa are written. `width`
 * counts the dots. */
static void nibbles_write(uint32_t value, uint32_t width, char base, struct text *out) {
    uint32_t used = 0;
    do {
        const char *digits = base == 'N' ? "0123456789ABCDEF" : "0123456789abcdef";
        text_add_char(out, digits[value & 15]);
        value >>= 4;
        used++;
        if (value != 0 || used < width) {
            text_add_char(out, '.');
            used++;
        }
    } while (value != 0 || used < width);
}

static const char *number_write(uint32_t value, uint32_t width, char base, struct text *out) {
    int w = (int)width;
    switch (base) {
    case 'd': text_format(out, "%0*u", w, value); return NULL;
    case 'o': text_format(out, "%0*o", w, value); return NULL;
    case 'x': text_format(out, "%0*x", w, value); return NULL;
    case 'X': text_format(out, "%0*X", w, value); return NULL;
    case 'n':
    case 'N': nibbles_write(value, width, base, out); return NULL;
    default: return "a base is d, o, x, X, n or N";
    }
}

/* "offset", "offset,width" or "offset,width,base", between the braces. */
static const char *modifier_write(str modifier, uint32_t value, struct text *out) {
    str offset, width_text = STR_EMPTY, base = STR("d");
    bool has_width = str_cut(&modifier, ',', &offset);
    if (!has_width) offset = modifier;
    if (has_width && !str_cut(&modifier, ',', &width_text)) width_text = modifier;
    if (has_width && width_text.at != modifier.at) base = modifier;
    bool is_minus = str_starts(offset, STR("-"));
    uint32_t distance, width = 0;
    if (!str_u32(str_skip(offset, is_minus), &distance)) return "an offset is a number";
    if (width_text.len > 0 && (!str_u32(width_text, &width) || width > 63))
        return "a width is a number up to 63";
    if (base.len != 1) return "a base is d, o, x, X, n or N";
    if (is_minus ? distance > value : distance > UINT32_MAX - value)
        return "an offset leads outside of the numbers";
    return number_write(is_minus ? value - distance : value + distance, width, base.at[0], out);
}

const char *zone_generate(str template, uint32_t value, struct text *out) {
    for (size_t i = 0; i < template.len; i++) {
        char c = template.at[i];
        if (c == '\\' && i + 1 < template.len) {
            if (template.at[i + 1] != '$') text_add_char(out, c);
            text_add_char(out, template.at[++i]);
        } else if (c != '$') {
            text_add_char(out, c);
        } else if (i + 1 < template.len && template.at[i + 1] == '{') {
            str rest = str_skip(template, i + 2), modifier;
            if (!str_cut(&rest, '}', &modifier)) return "a '{' without its '}'";
            const char *why = modifier_write(modifier, value, out);
            if (why != NULL) return why;
            i = (size_t)(rest.at - template.at) - 1;
        } else {
            text_add_count(out, value);
        }
    }
    return out->overflow ? "what it makes is too long" : NULL;
}
