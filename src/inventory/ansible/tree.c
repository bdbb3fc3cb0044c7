/* Ansible's inventories in YAML, in JSON of the same shape, and as scripts print them that know no _meta: groups by
 * name, each with hosts, variables and children.
 *
 * Source: Ansible, the yaml plugin's documentation; "Developing dynamic inventory" (hosts and children as lists). */
#include "inventory/ansible/estate.h"
#include "inventory/items.h"

const char *ansible_unknown(const struct doc_node *value) {
    if (value->tagged)
        return value->kind == DOC_SCALAR && value->text.len == 0
                   ? "an alias (*)"
                   : "what is encrypted (!vault) or has another tag";
    if (value->kind == DOC_MAP && doc_map_find(value, STR("__ansible_vault")) != NULL)
        return "what is encrypted (!vault)";
    bool is_template = value->kind == DOC_SCALAR && ansible_is_template(value->text);
    return is_template ? "a template ({{ … }})" : NULL;
}

static bool is_said(const struct doc_node *value) {
    return value->kind == DOC_SCALAR && !tree_is_null(value) &&
           !(str_equal(value->text, STR("~")) && !value->quoted) && value->text.len > 0;
}

static enum error_code value_say(struct estate *x, struct estate_said *said, str key,
                                 const struct doc_node *value) {
    const char *unknown = ansible_unknown(value);
    if (unknown != NULL) return estate_say_unknown(x, said, key, unknown, value->line);
    if (is_said(value)) return estate_say(x, said, key, value->text, value->line);
    for (size_t i = value->count; value->kind == DOC_LIST && i-- > 0;) /* the last first */
        if (is_said(value->items[i]))
            TRY(estate_say(x, said, key, value->items[i]->text, value->line));
    return OK;
}

static enum error_code vars_take(struct estate *x, struct estate_said *said,
                                 const struct doc_node *vars) {
    for (size_t i = 0; vars->kind == DOC_MAP && i < vars->count; i++) {
        str key = vars->keys[i]->text;
        if (str_equal(key, STR("<<")))
            reading_problem(x->reading, vars->keys[i]->line,
                            "expected variables, found those of an alias (<<): they are not known");
        else
            TRY(value_say(x, said, key, vars->items[i]));
    }
    return OK;
}

static enum error_code host_take(struct estate *x, struct estate_group *group,
                                 const struct doc_node *name, const struct doc_node *vars) {
    struct estate_said *said = arena_new(&x->reading->scratch, struct estate_said, 1);
    size_t offset = tree_offset(x->reading, name);
    if (said == NULL)
        return error_set(x->reading->e, FAIL_MEMORY, "%.*s: no room for the hosts in it",
                         STR_FMT(x->reading->file));
    if (vars != NULL) TRY(vars_take(x, said, vars));
    return estate_hosts(x, name->text, group, said, name->line, offset);
}

/* By name with their variables; as a list; or one. */
static enum error_code hosts_take(struct estate *x, struct estate_group *group,
                                  const struct doc_node *hosts) {
    if (is_said(hosts)) return host_take(x, group, hosts, NULL);
    for (size_t i = 0; hosts->kind != DOC_SCALAR && i < hosts->count; i++) {
        bool is_map = hosts->kind == DOC_MAP;
        const struct doc_node *name = is_map ? hosts->keys[i] : hosts->items[i];
        if (is_said(name))
            TRY(host_take(x, group, name, is_map ? hosts->items[i] : NULL));
        else
            reading_problem(x->reading, name->line,
                            "expected the name of a host, found something else");
    }
    return OK;
}

static enum error_code group_take(struct estate *x, str name, uint64_t line,
                                  struct estate_group *parent, const struct doc_node *node);

static enum error_code children_take(struct estate *x, struct estate_group *group,
                                     const struct doc_node *children) {
    for (size_t i = 0; children->kind != DOC_SCALAR && i < children->count; i++) {
        const struct doc_node *child = children->items[i];
        if (children->kind == DOC_MAP) {
            TRY(group_take(x, children->keys[i]->text, children->keys[i]->line, group, child));
        } else if (is_said(child)) {
            struct estate_group *mentioned;
            TRY(estate_group(x, child->text, child->line, &mentioned));
            TRY(estate_child(x, group, mentioned));
        }
    }
    return OK;
}

static enum error_code group_take(struct estate *x, str name, uint64_t line,
                                  struct estate_group *parent, const struct doc_node *node) {
    struct estate_group *group;
    TRY(estate_group(x, name, line, &group));
    TRY(estate_child(x, parent, group));
    if (group == NULL) return OK;
    group->is_defined = true;
    if (node->kind == DOC_LIST)
        return hosts_take(x, group, node); /* a script's group of hosts alone */
    for (size_t i = 0; node->kind == DOC_MAP && i < node->count; i++) {
        str key = node->keys[i]->text;
        const struct doc_node *value = node->items[i];
        if (str_equal(key, STR("hosts")))
            TRY(hosts_take(x, group, value));
        else if (str_equal(key, STR("vars")))
            TRY(vars_take(x, &group->said, value));
        else if (str_equal(key, STR("children")))
            TRY(children_take(x, group, value));
        else
            reading_problem(x->reading, node->keys[i]->line,
                            "expected hosts, vars or children of the group \"%.*s\", found "
                            "\"%.*s\"",
                            STR_FMT(reading_shown(name)), STR_FMT(reading_shown(key)));
    }
    return OK;
}

/* What else is written in YAML, told as what it is; NULL: it may be an inventory. */
static const char *other_of(const struct doc_node *root) {
    if (root->kind == DOC_LIST) return "a list, as a playbook is: give the inventory it runs on";
    if (root->kind == DOC_SCALAR) return "a text";
    if (doc_map_find(root, STR("plugin")) != NULL)
        return "the settings of a plugin: give what `ansible-inventory -i FILE --list` prints";
    if (doc_map_find(root, STR("apiVersion")) != NULL)
        return "a resource of Kubernetes: give what `kubectl get nodes -o json` prints";
    return NULL;
}

static enum error_code root_take(struct estate *x, const struct doc_node *root) {
    const char *other = other_of(root);
    if (other != NULL) {
        reading_problem(x->reading, root->line, "expected groups with their hosts, found %s",
                        other);
        return OK;
    }
    for (size_t i = 0; i < root->count; i++)
        TRY(group_take(x, root->keys[i]->text, root->keys[i]->line, NULL, root->items[i]));
    return OK;
}

/* ---- the file ---- */

static const char advice[] = "give what `ansible-inventory -i FILE --list` prints";

static enum error_code vars_root_take(struct estate *x, struct estate_said *said,
                                      const struct doc_node *root) {
    if (root->kind == DOC_LIST || is_said(root))
        reading_problem(x->reading, root->line, "expected variables by name, found %s",
                        root->kind == DOC_LIST ? "a list" : "a text");
    return vars_take(x, said, root);
}

/* The reading's file and bytes are those of the file of variables. */
static enum error_code vars_file_take(struct estate *x, struct arena far,
                                      struct estate_said *said) {
    struct reading *r = x->reading;
    struct doc doc = {0};
    struct arena kept = r->scratch;
    if (str_starts(r->bytes, STR("$ANSIBLE_VAULT;"))) {
        reading_problem(r, 1,
                        "expected variables in plain, found a file that ansible-vault "
                        "encrypted: what it says is not known");
        return OK;
    }
    r->scratch = far;
    enum error_code code = whole_read(r, str_starts(str_trim(r->bytes), STR("{")), advice, &doc);
    r->scratch = kept;
    if (code == FAIL_SYNTAX) {
        geo_problems_add(&r->report.problems, r->arena, "%s", r->e->message);
        return OK;
    }
    TRY(code);
    for (size_t i = 0; i < doc.count; i++) TRY(vars_root_take(x, said, doc.documents[i]));
    return OK;
}

enum error_code ansible_vars_read(struct estate *x, str name, str bytes, struct arena far,
                                  struct estate_link **list, bool is_of_group) {
    struct reading *r = x->reading;
    str file = r->file, own = r->bytes;
    struct estate_said *said = arena_new(&r->scratch, struct estate_said, 1);
    if (said == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room for the hosts in it", STR_FMT(r->file));
    said->is_of_group = is_of_group;
    x->beside = r->file = name;
    r->bytes = str_starts(bytes, STR("\xef\xbb\xbf")) ? str_skip(bytes, 3) : bytes;
    TRY(vars_file_take(x, far, said));
    x->beside = STR_EMPTY;
    r->file = file;
    r->bytes = own;
    return said->first != NULL ? estate_link_said(x, list, said) : OK;
}

bool ansible_is_yaml_line(str line) {
    size_t colon;
    if (str_equal(line, STR("---")) || str_starts(line, STR("--- "))) return true;
    if (str_starts(line, STR("- "))) line = str_skip(line, 2); /* of a list of plays */
    if (!str_find_char(line, ':', &colon) || str_starts(line, STR("["))) return false;
    str key = str_slice(line, 0, colon), rest = str_skip(line, colon + 1);
    for (size_t i = 0; i < key.len; i++)
        if (key.at[i] == ' ' || key.at[i] == '=') return false;
    return key.len > 0 && (rest.len == 0 || rest.at[0] == ' ' || rest.at[0] == '\t');
}

enum error_code ansible_tree_read(struct reading *r, bool is_json) {
    struct estate estate;
    struct doc doc = {0};
    TRY(whole_read(r, is_json, advice, &doc));
    TRY(estate_open(&estate, r));
    for (size_t i = 0; i < doc.count; i++) TRY(root_take(&estate, doc.documents[i]));
    TRY(estate_tell(&estate));
    if (!is_json) whole_unended(r);
    return OK;
}
