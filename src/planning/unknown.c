/* What is not known of a site, as people would say it. */
#include "planning/written.h"

enum { EVENTS_NAMED = 4, ROOM = 1 << 14 };

static const struct {
    const char *code, *en, *ja;
} words[] = {{"hazards", "what strikes there: no event of the table speaks of it",
              "そこで起きる災害（表のどの事象も対象としていない）"},
             {"place", "where it stands", "位置"},
             {"fuel", "for how long its fuel lasts", "燃料の持続時間"},
             {"hazard.quake_30y", "the chance of a strong earthquake in 30 years",
              "30年以内に強い揺れに見舞われる確率"}};

static void event_add(struct text *t, const struct planning_world *w, str id, bool japanese) {
    const struct siting_event *event = siting_event_find(w->options.model, id);
    text_add(t, event == NULL ? id : japanese ? event->name_ja : event->name_en);
}

static void code_add(struct text *t, str code, bool japanese) {
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_equal(code, str_from_c(words[i].code))) {
            text_add_c(t, japanese ? words[i].ja : words[i].en);
            return;
        }
    text_add(t, code);
}

/* A site of an unknown place may be reached by everything there is: some by name, and how many. */
static void events_add(struct text *t, const struct planning_world *w, const str *unknown,
                       size_t count, bool japanese) {
    text_format(t,
                japanese     ? "%zu事象が及ぶかどうか（"
                : count == 1 ? "whether %zu event reaches it ("
                             : "whether %zu events reach it (",
                count);
    for (size_t i = 0; i < count && i < EVENTS_NAMED; i++) {
        if (i > 0) text_add_c(t, japanese ? "、" : ", ");
        event_add(t, w, str_skip(unknown[i], 6), japanese);
    }
    text_add_c(t, count > EVENTS_NAMED ? (japanese ? "ほか）" : " …)") : (japanese ? "）" : ")"));
}

str planning_unknown_say(const struct planning_world *w, const str *unknown, size_t count,
                         struct arena *arena) {
    bool japanese = str_equal(w->options.language, STR("ja"));
    char *room = arena_new(arena, char, ROOM);
    if (room == NULL) return STR_EMPTY;
    struct text t = text_into(room, ROOM);
    size_t at = 0;
    for (; at < count && !str_starts(unknown[at], STR("event ")); at++) {
        if (at > 0) text_add_c(&t, japanese ? "、" : ", ");
        code_add(&t, unknown[at], japanese);
    }
    if (at < count) {
        if (at > 0) text_add_c(&t, japanese ? "、" : ", ");
        events_add(&t, w, unknown + at, count - at, japanese);
    }
    return text_str(&t);
}
