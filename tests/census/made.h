/* Made surveys: servers written as a survey writes them, short enough to be counted by hand. */
#ifndef AZEKURA_TESTS_CENSUS_MADE_H
#define AZEKURA_TESTS_CENSUS_MADE_H

#include <fcntl.h>
#include <unistd.h>

#include "census/census.h"
#include "tests/test.h"

/* A server's members but for its braces. */
#define JP_AWS                                                                                     \
    "\"answer\":\"inside\",\"countries\":[{\"country\":\"JP\",\"probability\":0.99}],"             \
    "\"operator\":"                                                                                \
    "\"aws\",\"region\":\"ap-northeast-1\",\"law\":[{\"country\":\"US\",\"face\":\"seat\","        \
    "\"why\":"                                                                                     \
    "\"sits there\"}],\"law_known\":true,\"foreign_law\":true"
#define US_AWS                                                                                     \
    "\"answer\":\"outside\",\"countries\":[{\"country\":\"US\",\"probability\":0.98}],"            \
    "\"operator\":"                                                                                \
    "\"aws\",\"region\":\"us-west-2\",\"law\":[{\"country\":\"US\",\"face\":\"seat\",\"why\":"     \
    "\"sits there\"}],\"law_known\":true,\"foreign_law\":true"
#define JP_OWN                                                                                     \
    "\"answer\":\"inside\",\"countries\":[{\"country\":\"JP\",\"probability\":1}],\"operator\":"   \
    "\"aoba\",\"law\":[{\"country\":\"JP\",\"face\":\"seat\",\"why\":\"sits there\"}],"            \
    "\"law_known\":true,\"foreign_law\":false"
#define SG_UNKNOWN_OWNER                                                                           \
    "\"answer\":\"outside\",\"countries\":[{\"country\":\"SG\",\"probability\":0.9},{\"country\":" \
    "\"JP\",\"probability\":0.04}],\"operator\":\"\",\"law\":[],\"law_known\":false,"              \
    "\"foreign_law\":false"
#define OPEN                                                                                       \
    "\"answer\":\"undetermined\",\"countries\":[{\"country\":\"JP\",\"probability\":0.6},{"        \
    "\"country\":\"US\",\"probability\":0.4}],\"operator\":\"\",\"law\":[],\"law_known\":false"
#define MANY                                                                                       \
    "\"answer\":\"many\",\"countries\":[{\"country\":\"JP\",\"probability\":0.5},{\"country\":"    \
    "\"US\",\"probability\":0.5}],\"operator\":\"cloudflare\",\"edge\":true,\"law\":[{"            \
    "\"country\":"                                                                                 \
    "\"US\",\"face\":\"seat\",\"why\":\"sits there\"}],\"law_known\":true,\"foreign_law\":true"

static inline struct census *made_census(void) {
    struct census *census;
    struct error e;
    struct census_options options = {.home = {{'J', 'P'}}, .tells_servers = true};
    assert_true(clock_iso_read(STR("2026-11-22T00:00:00Z"), &options.at_ns));
    assert_ok(census_open(&options, &census, &e), &e);
    return census;
}

/* A file of that text; the caller unlinks it. */
static inline void made_file(char path[64], const char *text) {
    snprintf(path, 64, "/tmp/azekura-census-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

/* Counts what the file has, as it came out when the survey was made. */
static inline const struct census_form *made_count(struct census *census, const char *text) {
    static char memory[1 << 20];
    char path[64];
    struct census_reader *reader;
    const struct census_form *form;
    struct error e = {0};
    made_file(path, text);
    assert_ok(census_reader_open(path, &reader, &e), &e);
    for (bool more = true; more;) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct survey_server server;
        struct census_ruled ruled;
        assert_ok(census_reader_next(reader, &arena, &server, &ruled, &more, &e), &e);
        if (more) assert_ok(census_add(census, &server, &ruled, false, NULL, &e), &e);
    }
    assert_false(census_reader_survey(reader)->is_partial);
    census_reader_close(reader);
    unlink(path);
    assert_ok(census_form_make(census, &form, &e), &e);
    return form;
}

/* What a writer wrote, in memory that the next call takes again. */
static char made_written[1 << 20] __attribute__((unused));
#define MADE_WRITTEN(out, write)                                                                   \
    do {                                                                                           \
        struct error e_ = {0};                                                                     \
        struct report_out *const out_ = &(out);                                                    \
        assert_ok(report_open_text(made_written, sizeof made_written - 1, out_, &e_), &e_);        \
        write;                                                                                     \
        assert_ok(report_close(out_, &e_), &e_);                                                   \
        made_written[report_text(out_).len] = 0;                                                   \
    } while (0)

#endif
