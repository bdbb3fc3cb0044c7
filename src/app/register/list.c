/* azekura register list: the lists that come along, as a table, JSON or CSV. */
#include "app/commands.h"
#include "app/register/commands.h"
#include "base/clock.h"
#include "register/register.h"
#include "report/report.h"
#include "rulebook/rulebook.h"

#include <stdio.h>

enum { LIST_SPACE_BYTES = 16 << 20, HOLIDAY_COLUMNS = 3 };

static bool is_japanese(const struct register_words *words) {
    return words->lang != NULL && strcmp(words->lang, "ja") == 0;
}

/* ---- holidays are computed, and then a list like the others ---- */

static enum error_code holiday_cells(int first, int last, struct arena *arena,
                                     struct register_prefilled *out, struct error *e) {
    size_t most = (size_t)(last - first + 1) * RULEBOOK_HOLIDAYS_MOST;
    str *cells = arena_new(arena, str, most * HOLIDAY_COLUMNS);
    if (cells == NULL) return error_set(e, FAIL_MEMORY, "no room for a list of holidays");
    for (int year = first; year <= last; year++) {
        struct rulebook_holiday days[RULEBOOK_HOLIDAYS_MOST];
        size_t count = rulebook_holidays(STR("JP"), year, days, COUNT_OF(days));
        for (size_t i = 0; i < count; i++) {
            char text[CLOCK_TEXT_BYTES];
            str *row = &cells[out->row_count++ * HOLIDAY_COLUMNS];
            clock_iso_write(days[i].day * 86400 * NS_PER_S, text);
            TRY(arena_copy(arena, str_of(text, strlen("2026-11-23")), &row[0], e));
            row[1] = str_from_c(days[i].en);
            row[2] = str_from_c(days[i].ja);
        }
    }
    out->cells = cells;
    return OK;
}

static enum error_code holidays_read(uint64_t year, struct arena *arena,
                                     struct register_prefilled *out, struct error *e) {
    static const char law[] =
        "Act on National Holidays (Act 178 of 1948) with its amendments; 2027 is "
        "the last year whose equinoxes are announced";
    static const struct register_prefilled_source sources[] = {{{"law", 3}, {law, sizeof law - 1}}};
    static const struct register_prefilled_column columns[HOLIDAY_COLUMNS] = {
        {{"day", 3}, {"Day", 3}, {"日", 3}, {"law", 3}, {"", 0}},
        {{"en", 2}, {"Holiday", 7}, {"英語名", 9}, {"", 0}, {"", 0}},
        {{"ja", 2}, {"In Japanese", 11}, {"名称", 6}, {"", 0}, {"", 0}},
    };
    int first, last;
    bool is_told = rulebook_holidays_known(STR("JP"), &first, &last);
    assert(is_told);
    if (year != 0 && (year < (uint64_t)first || year > (uint64_t)last))
        return error_set(e, FAIL_USAGE,
                         "holidays are told from %d to %d, the last year whose equinoxes are "
                         "announced, not for %llu",
                         first, last, (unsigned long long)year);
    *out = (struct register_prefilled){
        .name = STR("holidays"),
        .title_en = STR("Public holidays of Japan"),
        .title_ja = STR("国民の祝日・休日"),
        .as_of = STR("2026-11-21"),
        .licence = STR("facts of law"),
        .sources = sources,
        .source_count = COUNT_OF(sources),
        .columns = columns,
        .column_count = HOLIDAY_COLUMNS,
    };
    return holiday_cells(year != 0 ? (int)year : first, year != 0 ? (int)year : last, arena, out,
                         e);
}

/* ---- writing ---- */

/* Numbers stand to the right: every cell that says something begins with a digit. */
static bool is_number_column(const struct register_prefilled *list, size_t column) {
    for (size_t i = 0; i < list->row_count; i++) {
        str cell = list->cells[i * list->column_count + column];
        if (cell.len > 0 && (cell.at[0] < '0' || cell.at[0] > '9')) return false;
    }
    return true;
}

static enum error_code list_text(const struct register_prefilled *list, bool ja,
                                 struct arena *arena, struct report_out *out, struct error *e) {
    const char *head[REPORT_TABLE_COLUMNS];
    struct report_table table;
    assert(list->column_count <= REPORT_TABLE_COLUMNS);
    for (size_t c = 0; c < list->column_count; c++) {
        str title = ja ? list->columns[c].title_ja : list->columns[c].title_en;
        TRY(arena_copy(arena, title, &title, e)); /* closed with a zero */
        head[c] = title.at;
    }
    report_format(out, "%.*s\n\n", STR_FMT(ja ? list->title_ja : list->title_en));
    TRY(report_table_open(&table, head, list->column_count, list->row_count, arena, e));
    for (size_t c = 0; c < list->column_count; c++)
        if (is_number_column(list, c)) report_table_right(&table, c);
    for (size_t i = 0; i < list->row_count; i++)
        TRY(report_table_row(&table, &list->cells[i * list->column_count], e));
    report_table_write(&table, out);
    report_format(out, "\n%s %.*s; %.*s\n", ja ? "時点" : "as of", STR_FMT(list->as_of),
                  STR_FMT(list->licence));
    for (size_t i = 0; i < list->source_count; i++)
        report_format(out, "%.*s: %.*s\n", STR_FMT(list->sources[i].name),
                      STR_FMT(list->sources[i].text));
    return OK;
}

static void list_csv(const struct register_prefilled *list, struct report_out *out) {
    for (size_t c = 0; c < list->column_count; c++)
        report_csv_cell(out, list->columns[c].name, c + 1 == list->column_count);
    for (size_t i = 0; i < list->row_count; i++)
        for (size_t c = 0; c < list->column_count; c++)
            report_csv_cell(out, list->cells[i * list->column_count + c],
                            c + 1 == list->column_count);
}

static enum error_code list_json(const struct register_prefilled *list, struct arena *arena,
                                 struct report_out *out, struct error *e) {
    struct report_json j = report_json_begin(out, 2);
    report_json_object(&j);
    report_json_put(&j, "list", list->name);
    report_json_put(&j, "name_en", list->title_en);
    report_json_put(&j, "name_ja", list->title_ja);
    report_json_put(&j, "as_of", list->as_of);
    report_json_put(&j, "licence", list->licence);
    report_json_key(&j, "columns");
    report_json_array(&j);
    for (size_t c = 0; c < list->column_count; c++) {
        report_json_object(&j);
        report_json_put(&j, "name", list->columns[c].name);
        if (list->columns[c].since.len > 0) report_json_put(&j, "since", list->columns[c].since);
        for (size_t s = 0; s < list->source_count; s++)
            if (str_equal(list->sources[s].name, list->columns[c].source))
                report_json_put(&j, "source", list->sources[s].text);
        report_json_object_end(&j);
    }
    report_json_array_end(&j);
    report_json_key(&j, "rows");
    report_json_array(&j);
    for (size_t i = 0; i < list->row_count; i++) {
        report_json_object(&j);
        for (size_t c = 0; c < list->column_count; c++) {
            str name, cell = list->cells[i * list->column_count + c];
            TRY(arena_copy(arena, list->columns[c].name, &name, e));
            if (cell.len > 0) report_json_put(&j, name.at, cell);
        }
        report_json_object_end(&j);
    }
    report_json_array_end(&j);
    report_json_object_end(&j);
    report_add_c(out, "\n");
    return OK;
}

static enum error_code list_write(const struct register_words *words, const char *name,
                                  struct arena *arena, struct arena scratch, struct report_out *out,
                                  struct error *e) {
    struct register_prefilled list;
    const char *format = words->call.format != NULL ? words->call.format : "text";
    if (strcmp(name, "holidays") == 0)
        TRY(holidays_read(words->year, arena, &list, e));
    else
        TRY(register_prefilled_read(str_from_c(name), arena, scratch, &list, e));
    if (strcmp(format, "json") == 0) return list_json(&list, arena, out, e);
    if (strcmp(format, "text") == 0) return list_text(&list, is_japanese(words), arena, out, e);
    if (strcmp(format, "csv") != 0)
        return error_set(e, FAIL_USAGE, "--format takes text, json or csv, not \"%s\"", format);
    list_csv(&list, out);
    return OK;
}

static int names_print(void) {
    for (size_t i = 0; register_prefilled_name(i) != NULL; i++)
        printf("%s\n", register_prefilled_name(i));
    printf("holidays\n");
    return 0;
}

int register_list(const struct register_words *words, const char *name) {
    struct arena_space space = {0}, scratch_space = {0};
    struct arena arena, scratch;
    struct report_out out;
    struct error e = {0};
    if (name == NULL) return names_print();
    enum error_code code = arena_space_open(&space, LIST_SPACE_BYTES, &arena, &e);
    if (code == OK) code = arena_space_open(&scratch_space, LIST_SPACE_BYTES, &scratch, &e);
    if (code == OK) code = report_open(NULL, &out, &e);
    if (code == OK) {
        code = list_write(words, name, &arena, scratch, &out, &e);
        if (code == OK)
            code = report_close(&out, &e);
        else
            report_abandon(&out);
    }
    arena_space_release(&space);
    arena_space_release(&scratch_space);
    if (code == OK) return 0;
    command_fail("azekura register list", &e);
    return code == FAIL_USAGE || code == FAIL_NOT_FOUND ? 2 : 1;
}
