/* Any bytes as a survey: it is none, or it has servers with an answer each, and says where it stopped. */
#include "census/reading.h"
#include "census/window.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void servers_read(struct census_reader *reader, struct arena memory) {
    struct error e = {0};
    uint64_t servers = 0;
    for (bool more = true; more;) {
        struct arena arena = memory;
        struct survey_server server;
        struct census_ruled ruled;
        char subject[CENSUS_SUBJECT_BYTES], law[256];
        if (census_reader_next(reader, &arena, &server, &ruled, &more, &e) != OK) {
            assert(e.code == FAIL_MEMORY);
            return;
        }
        if (!more) break;
        servers++;
        assert(server.judgement->answer < SURVEY_ANSWER_COUNT);
        assert(ruled.match < CENSUS_MATCH_COUNT && ruled.ruling < CENSUS_RULING_COUNT);
        assert(census_subject(&server, subject).len > 0);
        assert(law_of(server.judgement, law).len <= sizeof law);
        for (size_t i = 1; i < server.judgement->country_count; i++)
            assert(server.judgement->countries[i].probability <=
                   server.judgement->countries[i - 1].probability);
    }
    const struct census_survey *survey = census_reader_survey(reader);
    assert(survey->servers == servers);
    assert(!survey->is_partial || survey->partial.len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static struct arena_space space;
    static struct arena memory;
    struct window window;
    struct census_reader *reader;
    struct error e = {0};
    if (space.at == NULL && arena_space_open(&space, (size_t)16 << 20, &memory, &e) != OK) return 0;
    if (window_over(str_of(bytes, count), &window, &e) != OK) return 0;
    if (reader_over(&window, &reader, &e) != OK) {
        assert(e.code == FAIL_SYNTAX || e.code == FAIL_MEMORY);
        return 0;
    }
    servers_read(reader, memory);
    census_reader_close(reader);
    return 0;
}
