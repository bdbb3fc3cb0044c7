/* Census: a survey as the form that used to be filled in by hand.
 *
 * Servers go by one at a time, as a survey judged them or as a file of an earlier survey tells them,
 * and are counted by operator, field, class and kind of the data they hold, against where they stand
 * and whose law reaches them. What somebody declared, what was measured and what adopted rulebooks
 * allow are held against each other; what does not agree is a finding and cites the clauses. Servers
 * whose data nobody has declared are counted apart, never with those that hold nothing of importance.
 *
 * Two surveys can be merged, for whoever supervises several operators, or compared: what is new,
 * gone, answered otherwise, and what of the evidence changed.
 *
 * The first line of everything written answers "how many, where, how crucial".
 * Source: docs/formats/survey.md. */
#ifndef AZEKURA_CENSUS_CENSUS_H
#define AZEKURA_CENSUS_CENSUS_H

#include "base/base.h"
#include "facts/facts.h"
#include "geo/geo.h"
#include "register/register.h"
#include "report/report.h"
#include "rulebook/rulebook.h"
#include "survey/survey.h"

/* ---- declared, measured, allowed ---- */

/* What is declared of a server's place, held against what was measured. */
enum census_match {
    CENSUS_NOT_DECLARED,
    CENSUS_AGREES,
    CENSUS_NOT_SHOWN,    /* declared, and what is known neither shows nor excludes it */
    CENSUS_CONTRADICTED, /* it stands, by all that is known, elsewhere */
    CENSUS_MATCH_COUNT
};
/* What adopted rulebooks say to its data standing there, under the law that reaches its owner: the
 * worst of their clauses about place and reach, in this order. */
enum census_ruling {
    CENSUS_NOT_ASKED, /* no rulebook speaks of it, or nobody has declared which data it holds */
    CENSUS_ALLOWED,
    CENSUS_EXCEPTED,  /* not met; an exception, or the clause's own `unless`, lets it be */
    CENSUS_WARNED,    /* not met; the clause asks, and refuses nothing */
    CENSUS_UNDECIDED, /* depends on what is not known */
    CENSUS_REFUSED,
    CENSUS_RULING_COUNT
};
const char *census_match_name(enum census_match match);               /* "contradicted" */
const char *census_match_word(enum census_match match, str language); /* "en", "ja" */
const char *census_ruling_name(enum census_ruling ruling);            /* "refused" */
const char *census_ruling_word(enum census_ruling ruling, str language);
bool census_match_find(str name, enum census_match *out);
bool census_ruling_find(str name, enum census_ruling *out);

/* A country's name; its code where nobody knows one. */
str census_country_name(const geo_country *country, str language);
/* A point within the largest part of the country, for a mark on a map; not a place in it. */
bool census_country_point(const geo_country *country, struct geo_point *out);

struct census_finding {
    bool is_ruling;            /* else what is declared is contradicted */
    str subject;               /* census_subject of the server; with a dataset SUBJECT/DATASET */
    enum census_ruling ruling; /* WARNED, UNDECIDED or REFUSED */
    const str *clauses;        /* RULEBOOK/ID; none for what is contradicted */
    size_t clause_count;
    str text, text_ja; /* what was found, and what would change it */
    digest facts;      /* of what it rests on: another is another saying */
};

/* ---- counting ---- */

struct census_options {
    int64_t at_ns;                   /* when the survey was made */
    geo_country home;                /* "inside" is there */
    const struct facts_world *world; /* borrowed; NULL: no rulebook is asked */
    const struct rulebook_set *set;  /* of the world; NULL together with it */
    bool tells_servers; /* keep those not surely inside, as many as CENSUS_TOLD, for the page */
};
enum { CENSUS_TOLD = 200, CENSUS_FINDINGS = 100000 };

/* How a server came out, and by which clauses of adopted rulebooks (RULEBOOK/ID). */
struct census_ruled {
    enum census_match match;
    enum census_ruling ruling;
    const str *clauses; /* those not met or not decided; lie in the census */
    size_t clause_count;
};

struct census; /* grows with what is different, and by 64 bytes at most for each public address */
enum error_code census_open(const struct census_options *options, struct census **out,
                            struct error *e) MUST_USE;
void census_close(struct census *census); /* NULL is fine */
/* Counts one server; nothing of it is kept by reference. `known`: how it came out when the survey was
 * made; NULL: the rulebooks are asked now. `is_again`: another survey told it already; its operator has
 * it, the total has it once. *out may be NULL.
 *   FAIL_LIMIT  over a million different combinations     FAIL_MEMORY */
enum error_code census_add(struct census *census, const struct survey_server *server,
                           const struct census_ruled *known, bool is_again,
                           struct census_ruled *out, struct error *e) MUST_USE;
/* What the server is told by in findings, differences and merges: its name, else its network or first
 * address. The bytes lie in `memory` or in the server. */
enum { CENSUS_SUBJECT_BYTES = 512 };
str census_subject(const struct survey_server *server, char memory[CENSUS_SUBJECT_BYTES]);

/* ---- the form ---- */

struct census_counts {
    uint64_t servers, answers[SURVEY_ANSWER_COUNT];
    uint64_t foreign_law[SURVEY_ANSWER_COUNT]; /* of them under a foreign law too */
    uint64_t law_unknown[SURVEY_ANSWER_COUNT]; /* of them nobody knows who owns the machine */
};
struct census_line {
    str name;                  /* an id; empty: nobody has declared it */
    struct register_word word; /* what people call it; the id where nobody has said */
    struct census_counts counts;
};
struct census_lines {
    const struct census_line *at; /* by name, the undeclared last */
    size_t count;
};
struct census_place {
    geo_country country; /* zero: undetermined or many */
    enum survey_answer answer;
    str provider, region; /* of the provider's list; empty: known no better than the country */
    bool has_point;       /* of the region: a site of the register stands there and says where */
    struct geo_point point;
    struct census_counts counts;
};
struct census_under { /* servers that stand there and whose owner this law reaches */
    geo_country country;
    enum survey_answer answer;
    str law; /* countries by code, "JP US"; empty: nobody knows */
    uint64_t servers;
};
/* One combination of all that is counted by: a line of the CSV. */
struct census_cell {
    str operator_id, sector, class_name; /* empty: not declared */
    str kinds;                           /* joined by spaces; empty: not declared */
    enum survey_answer answer;
    geo_country country;
    str provider, region, law;
    bool is_law_known, is_foreign_law;
    enum census_match match;
    enum census_ruling ruling;
    bool is_again; /* another survey told it already */
    uint64_t servers;
};
struct census_told {
    str subject, address, operator_name, region, declared_by, why;
    enum survey_answer answer;
    geo_country country, declared_country;
    double probability;
    str law, class_name;
    enum census_match match;
    enum census_ruling ruling;
};
struct census_form {
    int64_t at_ns;
    geo_country home;
    struct census_counts total; /* each server once */
    uint64_t again;             /* counted a second time under another operator */
    uint64_t addresses;         /* public ones of all these servers, each once */
    uint64_t met; /* servers at one that another before them has: perhaps fewer machines */
    struct census_counts undeclared; /* class and kinds of whose data nobody has declared */
    struct census_lines operators, sectors, classes, kinds; /* of several kinds: in each of them */
    const struct census_place *places; /* the most servers first; undetermined and many last */
    size_t place_count;
    const struct census_under *unders;
    size_t under_count;
    uint64_t three[CENSUS_MATCH_COUNT][CENSUS_RULING_COUNT];
    bool is_judged;                  /* rulebooks were asked, now or when the survey was made */
    const struct census_cell *cells; /* in the order of their fields */
    size_t cell_count;
    const struct census_finding *findings; /* as the servers came */
    size_t finding_count;
    uint64_t findings_left_out; /* over CENSUS_FINDINGS */
    const struct census_told *told;
    size_t told_count;
    uint64_t told_left_out;
};
/* Sums up. *out lies in the census; counting may go on afterwards and be summed up again.
 *   FAIL_MEMORY */
enum error_code census_form_make(struct census *census, const struct census_form **out,
                                 struct error *e) MUST_USE;

/* ---- surveys that were written, and read again ---- */

struct census_edition {
    str name, date, sha256, attribution;
};
struct census_survey {
    str path;
    int64_t at_ns; /* when it was made; 0: a file of lines does not tell */
    str home;      /* empty: not told */
    const struct census_edition *editions;
    size_t edition_count;
    const str *warnings;
    size_t warning_count;
    uint64_t servers;
    bool is_partial; /* the file ends in the middle; `partial` says where */
    str partial;
    digest sha256; /* of the file */
};
/* Servers as a survey wrote them, JSON or JSON lines, one after the other. */
struct census_reader;
/* Maps the file and reads what stands before its servers.
 *   FAIL_SYNTAX     it is no survey; the message names it and says what was met instead
 *   FAIL_NOT_FOUND, FAIL_MEMORY */
enum error_code census_reader_open(const char *path, struct census_reader **out,
                                   struct error *e) MUST_USE;
void census_reader_close(struct census_reader *reader); /* NULL is fine */
/* The next server; all of it lies in the arena or the reader. *more false: there is none.
 *   A file that is damaged, ends in the middle of a server, or has one without an answer gives those
 *   before it: census_reader_survey then says where it stopped, and why.
 *   FAIL_MEMORY */
enum error_code census_reader_next(struct census_reader *reader, struct arena *arena,
                                   struct survey_server *out, struct census_ruled *ruled,
                                   bool *more, struct error *e) MUST_USE;
/* Complete once the last server was read. */
const struct census_survey *census_reader_survey(const struct census_reader *reader);

/* ---- several operators ---- */

struct census_repeat { /* one server in two surveys */
    str subject,
        by; /* as each survey calls it: by name, and the address they share where not by name */
    size_t first, second; /* which surveys */
    enum survey_answer first_answer, second_answer;
    geo_country first_country, second_country;
};
struct census_parted { /* an edition that not all surveys rest on */
    str name;
    size_t first, second;
    str first_date, second_date; /* empty: the file does not tell */
};
struct census_merged {
    const struct census_form *form;
    const struct census_survey *const *surveys;
    size_t survey_count;
    const struct census_repeat *repeats;
    size_t repeat_count;
    const struct census_parted *parted;
    size_t parted_count;
    bool homes_differ; /* "inside" is another country in some of them: then nothing is merged */
};
struct census_merging; /* memory of a merge */
/* Reads the surveys in the order given. Public addresses and host names tell that two surveys speak of
 * one server; private addresses and single words do not.
 *   FAIL_USAGE  the surveys are of different home countries; the message names them
 *   what census_reader_open and census_reader_next say */
enum error_code census_merge(const char *const *paths, size_t count, struct census_merging **work,
                             const struct census_merged **out, struct error *e) MUST_USE;
void census_merge_close(struct census_merging *work); /* NULL is fine */

/* ---- earlier surveys ---- */

enum census_change_kind { CENSUS_NEW, CENSUS_GONE, CENSUS_ANSWERED_OTHERWISE, CENSUS_FLAPPING };
struct census_then { /* what one survey said */
    int64_t at_ns;   /* 0: not told */
    bool is_there;
    enum survey_answer answer;
    geo_country country; /* the likeliest; zero: none */
};
struct census_change {
    enum census_change_kind what; /* FLAPPING: the answer is that of the last survey, and flaps */
    str subject;
    const struct census_then *history; /* one a survey, the oldest first, now the last */
    size_t history_count;
    bool is_flapping;               /* it has come back to an answer that it had left */
    const str *appeared, *vanished; /* evidence since the last survey, a line each */
    size_t appeared_count, vanished_count;
};
struct census_difference {
    uint64_t count[CENSUS_FLAPPING + 1], unchanged, flapping;
    uint64_t other_evidence;             /* of the unchanged: the same answer on other evidence */
    const struct census_change *changes; /* by subject */
    size_t change_count;
};
struct census_diff;
/* Reads earlier surveys, in the order of their times; `count` 0: none. What census_reader_open and _next
 * say; FAIL_USAGE: over 64 of them. */
enum error_code census_diff_open(const char *const *paths, size_t count, struct census_diff **out,
                                 struct error *e) MUST_USE;
void census_diff_close(struct census_diff *diff); /* NULL is fine */
/* What is known of one server from elsewhere, the oldest first: its answers, not their evidence. Before
 * the first server; the texts are copied. FAIL_MEMORY */
enum error_code census_diff_recall(struct census_diff *diff, str subject,
                                   const struct census_then *then, size_t count,
                                   struct error *e) MUST_USE;
enum error_code census_diff_add(struct census_diff *diff, const struct survey_server *server,
                                struct error *e) MUST_USE;
/* After the last server. *out lies in the diff. FAIL_MEMORY */
enum error_code census_diff_end(struct census_diff *diff, int64_t at_ns,
                                const struct census_difference **out, struct error *e) MUST_USE;
void census_diff_text(const struct census_difference *difference, str language,
                      struct report_out *out);
void census_diff_json(const struct census_difference *difference, struct report_out *out);

/* ---- written ---- */

struct census_report {
    const struct census_form *form;
    str language;                          /* "en", "ja" */
    const struct census_edition *editions; /* whom to name */
    size_t edition_count;
    const str *warnings;
    size_t warning_count;
    const struct census_merged *merged; /* NULL: one survey */
};
/* "1,204 servers: 1,100 in Japan …", without a line's end. */
void census_sentence(const struct census_form *form, str language, struct report_out *out);
/* What the count may be short of: servers that meet at one public address. False: none, nothing is written. */
bool census_addresses_sentence(const struct census_form *form, str language,
                               struct report_out *out);
/* Member "sentence" of an object that is open: {en, ja}. */
void census_sentence_json(const struct census_form *form, struct report_json *j);
/* FAIL_MEMORY */
enum error_code census_text(const struct census_report *report, struct report_out *out,
                            struct error *e) MUST_USE;
/* The form alone, as a member's value: what JSON of a survey has under "form". */
void census_form_json(const struct census_form *form, struct report_json *j);
/* A whole document: {format, …, form}; of a merge without the servers. */
void census_json(const struct census_report *report, struct report_out *out);
/* How one server came out: members of its object. */
void census_ruled_json(const struct census_ruled *ruled, struct report_json *j);
void census_csv(const struct census_form *form, struct report_out *out);
/* RFC 7946: a feature a place, at the region's point where a site of the register gives one, else at
 * the country's; `precision` says which. What has no place is told beside the features. */
void census_geojson(const struct census_report *report, struct report_out *out);
void census_html(const struct census_report *report, struct report_out *out);

#endif
