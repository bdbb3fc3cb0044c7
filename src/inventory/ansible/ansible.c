/* Which of its notations an inventory of Ansible's is in. */
#include "inventory/ansible/estate.h"

static str first_line(str text) {
    str line;
    for (bool more = true; more;) {
        more = str_cut(&text, '\n', &line);
        str bare = str_trim(more ? line : text);
        if (str_ends(bare, STR("\r"))) bare.len--;
        if (bare.len > 0 && bare.at[0] != '#' && bare.at[0] != ';') return bare;
    }
    return STR_EMPTY;
}

enum error_code ansible_read(struct reading *r) {
    size_t at;
    str line = first_line(r->bytes);
    if (str_starts(line, STR("{"))) {
        bool is_listing = str_find(r->bytes, STR("\"_meta\""), &at);
        return is_listing ? ansible_listing_read(r) : ansible_tree_read(r, true);
    }
    return ansible_is_yaml_line(line) ? ansible_tree_read(r, false) : ansible_ini_read(r);
}
