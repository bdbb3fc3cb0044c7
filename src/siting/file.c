/* A file of events, read as its name says. */
#include "siting/siting.h"

bool siting_file_is(str name) {
    static const str endings[] = {
        {".yaml", 5}, {".yml", 4}, {".json", 5}, {".csv", 4}, {".geojson", 8}};
    if (name.len == 0 || name.at[0] == '.') return false;
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (str_ends(name, endings[i])) return true;
    return false;
}

/* What spreadsheets write where a comma stands in numbers; read as it is, the whole line is one cell. */
static enum error_code separator_check(str file, str bytes, struct error *e) {
    str rest = bytes, line;
    size_t at;
    if (!str_cut(&rest, '\n', &line)) line = bytes;
    if (!str_find_char(line, ';', &at) || str_find_char(line, ',', &at)) return OK;
    return error_set(e, FAIL_SYNTAX,
                     "%.*s:1:1: expected cells between commas, found semicolons: such a table is "
                     "saved anew with commas, and a point in its numbers",
                     STR_FMT(file));
}

enum error_code siting_file_read(str file, str bytes, struct arena *arena, struct arena scratch,
                                 struct siting_model *model, struct error *e) {
    struct doc doc;
    if (str_ends(file, STR(".csv"))) {
        TRY(separator_check(file, bytes, e));
        TRY(doc_read_csv(file, bytes, arena, scratch, &doc, e));
    } else if (str_ends(file, STR(".json")) || str_ends(file, STR(".geojson"))) {
        TRY(doc_read_json(file, bytes, arena, scratch, &doc, e));
    } else {
        TRY(doc_read_yaml(file, bytes, arena, scratch, &doc, e));
    }
    for (size_t i = 0; i < doc.count; i++)
        TRY(siting_model_read(doc.documents[i], arena, model, e));
    return OK;
}
