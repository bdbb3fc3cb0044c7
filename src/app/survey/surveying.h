/* Inner: what azekura survey is made of: data beside the program, and servers from files to a report. */
#ifndef AZEKURA_APP_SURVEYING_H
#define AZEKURA_APP_SURVEYING_H

#include "app/options.h"
#include "inventory/inventory.h"
#include "resolve/resolve.h"
#include "survey/survey.h"

/* ---- data that came with the program ---- */

struct survey_data {
    char address[4096], asn_v4[4096], asn_v6[4096]; /* empty: not there */
    char asn_date[16];                              /* of the package; empty: not told */
};
/* Beside the program as installed, or in the tree it was built from. What is not there stays empty. */
void survey_data_find(struct survey_data *out);

/* Opens what zone files include: regular files in the folder of the file that was named to us and in folders of it,
 * never outside, since who wrote a zone file need not be who may read this machine. */
extern const struct inventory_opener survey_includes;

/* ---- servers: read, matched, asked for, judged ---- */

struct survey_feed {
    struct survey_judge *judge;
    struct survey_writer *writer; /* NULL: servers are not told */
    const struct survey_world *world;
    const struct register_snapshot *snapshot; /* NULL: none */
    int64_t at_ns;
    struct inventory_options inventory;
    struct resolve_options resolve;
    bool resolves;           /* false: names stay names */
    bool reverses;           /* addresses without a name are asked for theirs */
    bool probes, probes_all; /* those of the register's own networks; whoever there is */
    struct survey_probe_options probe;
    bool
        wants_all; /* for a record: servers told before are judged again, and a source that cannot be read
                     * ends it, since what is not read would count as gone */
    bool is_cut;          /* something could not be read, and was told */
    bool resumes;         /* lines that are told are told again by nobody: --resume */
    uint64_t passed_over; /* so many servers were told before */
    /* Every server goes here first, and comes back with what its JSON has more; NULL: nowhere. */
    enum error_code (*also)(void *owner, const struct survey_server *server, str *more,
                            struct error *e);
    void *owner;
    /* What survey_feed_open makes: */
    struct survey_roll *roll;
    struct arena_space space, file_space;
    struct arena arena, file;
};
/* The fields above `roll` are set before. FAIL_MEMORY; survey_feed_close releases it then too. */
enum error_code survey_feed_open(struct survey_feed *feed, struct error *e) MUST_USE;
void survey_feed_close(struct survey_feed *feed);

/* Files of any format that inventories have, and hosts, addresses, networks or URLs. What of a file cannot be
 * read is told on standard error with file and line, and the rest goes on; so does the rest of the sources where
 * nothing can be read of one, and then is_cut is set.
 *   FAIL_NOT_FOUND, FAIL_SYNTAX, FAIL_SYSTEM  nothing could be read of any, or of one and wants_all: the last
 *   FAIL_MEMORY, FAIL_LIMIT */
enum error_code survey_feed_targets(struct survey_feed *feed, const char *const *targets,
                                    struct error *e) MUST_USE;
/* The register's own: things with addresses, and datasets that others keep. */
enum error_code survey_feed_register(struct survey_feed *feed, struct error *e) MUST_USE;

/* survey_walk.c: makes one server of what several sources list, asks for names, and judges, in the order of
 * first mention. What resolving, judging and writing say. */
enum error_code survey_feed_walk(struct survey_feed *feed, struct error *e) MUST_USE;

/* ---- a survey that was interrupted ---- */

struct survey_resume {
    const char *out; /* the file of lines */
    const char *const *targets;
    const char *resolver; /* NULL: the system's */
    const char *input;    /* how the files are read; NULL: as they look */
    const struct option_list *columns;
    const char *as_of; /* as it was said; NULL: now */
    bool is_japanese, reverses;
    int64_t at_ns; /* of this survey; of the one begun, once it is found */
    /* What it becomes: */
    bool is_found;
    digest asked;
};
/* Whether a survey into that file was interrupted, and when it was begun. FAIL_SYNTAX */
enum error_code survey_resume_find(struct survey_resume *r, struct error *e) MUST_USE;
/* Opens the report at its beginning, or after the lines that are told.
 *   FAIL_USAGE  something else was asked then, or of other data */
enum error_code survey_resume_open(struct survey_resume *r, const struct survey_world *world,
                                   const struct register_snapshot *snapshot, struct report_out *out,
                                   uint64_t *lines, struct error *e) MUST_USE;
/* It is whole. */
enum error_code survey_resume_close(const struct survey_resume *r, struct error *e) MUST_USE;

#endif
