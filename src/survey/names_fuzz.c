/* Any bytes as a name that is heard, and as a sentence that is looked up. Case and a final dot change nothing of what a
 * name tells; its region is of whoever its ending is. */
#include <stdlib.h>

#include "survey/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static struct survey_world *world_once(void) {
    static struct survey_world *world;
    struct survey_options options = {.home = STR("JP")};
    struct error e;
    if (world == NULL && survey_world_open(&options, &world, &e) != OK) abort();
    return world;
}

static void heard_check(const struct survey_name_said *heard) {
    assert(heard->code_count <= COUNT_OF(heard->codes));
    assert(heard->ending == NULL || heard->code_count == 0);
    assert(heard->region == NULL || heard->ending->kind == ENDING_ENDPOINT);
    assert(heard->region == NULL || str_equal(heard->region->provider, heard->ending->provider));
    for (size_t i = 0; i < heard->code_count; i++)
        for (size_t k = 0; k < i; k++)
            assert(!geo_country_equal(heard->codes[i]->country, heard->codes[k]->country));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char phrase[SURVEY_PHRASE_BYTES];
    const struct survey_names *names = &world_once()->names;
    struct survey_name_said heard, louder;
    char *own = malloc(count + 1); /* of its exact size, so that a byte too far is seen */
    assert(own != NULL);
    memcpy(own, bytes, count);
    survey_name_hear(names, str_of(own, count), &heard);
    heard_check(&heard);
    str said = survey_phrase(str_of(own, count), STR("ja"), phrase, sizeof phrase);
    assert(said.len <= size_max(count, sizeof phrase));
    for (size_t i = 0; i < count; i++)
        own[i] = (char)(own[i] >= 'a' && own[i] <= 'z' ? own[i] - 32 : own[i]);
    own[count] = '.';
    survey_name_hear(names, str_of(own, count + (count < 255)), &louder);
    assert(heard.ending == louder.ending && heard.region == louder.region);
    assert(heard.code_count == louder.code_count);
    free(own);
    return 0;
}
