/* Hosts and groups of an Ansible inventory, in whatever notation they are written: what groups say of hosts, which
 * names a range stands for, and what nobody but Ansible can know.
 *
 * All of the file is read before the first host is told, since a group may say more of it on the last line. Source:
 * Ansible, "How to build your inventory" (groups, ranges, "How variables are merged"). */
#ifndef AZEKURA_INVENTORY_ANSIBLE_ESTATE_H
#define AZEKURA_INVENTORY_ANSIBLE_ESTATE_H

#include "inventory/reading.h"

/* One value of a key that means something to us. */
struct estate_value {
    struct estate_value *next;
    str key, text;
    const struct word *word; /* NULL: ansible_host */
    bool is_known; /* false: a template or the like, which was told; others do not show through */
    uint64_t line;
    str file; /* empty: the inventory; else one that lies beside it */
};
/* What one place says of a host or a group; the last first. */
struct estate_said {
    struct estate_value *first;
    bool is_of_group; /* hosts and addresses but ansible_host are not its machines' own */
};

struct estate_link;
struct estate_group {
    str name;
    bool is_defined; /* a section, or a key: not only mentioned */
    uint64_t line;   /* of its first mention */
    struct estate_said said;
    struct estate_link *beside; /* said in group_vars/; the last first */
    struct estate_link *parents;
    struct estate_group *next;
    unsigned depth, met; /* below "all"; of the host that went by last */
    enum { DEPTH_OPEN, DEPTH_BUSY, DEPTH_KNOWN } state;
};

struct estate_host {
    str name;
    uint64_t line, offset;
    const struct estate_group *group;           /* where it was first met */
    struct estate_link *groups, *said, *beside; /* the last first; beside: said in host_vars/ */
    struct estate_host *next;
};

struct estate {
    struct reading *reading;
    struct making *making;
    struct estate_host *hosts, *hosts_end;
    struct estate_group *groups, *groups_end;
    struct estate_host **host_slots; /* tables by the hash of the name */
    struct estate_group **group_slots;
    size_t host_cap, host_count, group_cap, group_count;
    bool is_over_groups; /* and that was told */
    str beside;          /* the file beside the inventory that is read: its texts go with it */
};

/* Takes of the reading's scratch for as long as the file is read. */
enum error_code estate_open(struct estate *estate, struct reading *r) MUST_USE;
/* The group of that name, made if it is new; the name is borrowed. *out NULL: over the limit, which is told. */
enum error_code estate_group(struct estate *estate, str name, uint64_t line,
                             struct estate_group **out) MUST_USE;
enum error_code estate_child(struct estate *estate, struct estate_group *parent,
                             struct estate_group *child) MUST_USE;
/* Each host that "web[01:20].example.jp:22" stands for, as one of that group. What is no pattern is told. */
enum error_code estate_hosts(struct estate *estate, str pattern, struct estate_group *group,
                             const struct estate_said *said, uint64_t line,
                             uint64_t offset) MUST_USE;

/* What a place says: keys that mean nothing to us are passed over. The text is borrowed. */
enum error_code estate_say(struct estate *estate, struct estate_said *said, str key, str text,
                           uint64_t line) MUST_USE;
/* It says something that only Ansible knows. `what`: "a template ({{ … }})"; told if the key means something. */
enum error_code estate_say_unknown(struct estate *estate, struct estate_said *said, str key,
                                   const char *what, uint64_t line) MUST_USE;

/* One more place that says something, in front of those before. */
enum error_code estate_link_said(struct estate *estate, struct estate_link **list,
                                 const struct estate_said *said) MUST_USE;

/* Hands over every host, in the order of the file. */
enum error_code estate_tell(struct estate *estate) MUST_USE;

/* ---- what all notations share ---- */

bool ansible_is_host_key(str key); /* it says where Ansible connects to */
/* "{{ … }}" and "{% … %}" of Jinja. */
bool ansible_is_template(str text);
/* What a value is that Ansible alone can know, for a message; NULL: it is plain. */
const char *ansible_unknown(const struct doc_node *value);
void ansible_unknown_tell(struct reading *r, uint64_t line, str key, const char *what);
/* What ansible_host says; what is none is told. */
void ansible_host_take(struct making *m, str key, str text, uint64_t line);

/* ---- the notations ---- */

enum error_code ansible_listing_read(struct reading *r) MUST_USE; /* ansible-inventory --list */
enum error_code ansible_ini_read(struct reading *r) MUST_USE;
/* YAML; the same written as JSON; JSON of a script that knows no _meta. */
enum error_code ansible_tree_read(struct reading *r, bool is_json) MUST_USE;

/* ---- what lies beside the file ---- */

/* group_vars/ and host_vars/, where something is given that opens them. */
enum error_code ansible_beside_read(struct estate *estate) MUST_USE;
/* One file of variables, in YAML or JSON; bytes and all that is read of them may lie in `far`, which goes. */
enum error_code ansible_vars_read(struct estate *estate, str name, str bytes, struct arena far,
                                  struct estate_link **said, bool is_of_group) MUST_USE;

/* A line that begins an inventory in YAML: "---", "all:". */
bool ansible_is_yaml_line(str line);
/* "[web]", "[web:children]", and no address in brackets. The parts where they are wanted. */
bool ansible_section_read(str line, str *name, str *kind);

/* ---- ranges ---- */

struct ansible_names {
    /* Anything but OK ends it. The name is in memory that goes. */
    enum error_code (*take)(void *self, str name);
    void *self;
};
/* *why, if it is no pattern. A pattern without range is one name. Source: Ansible, "Adding ranges of hosts". */
enum error_code ansible_range_expand(str pattern, const struct ansible_names *names,
                                     const char **why) MUST_USE;

#endif
