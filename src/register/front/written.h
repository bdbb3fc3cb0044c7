/* The register said to people and programs, for the command line. */
#ifndef AZEKURA_REGISTER_FRONT_WRITTEN_H
#define AZEKURA_REGISTER_FRONT_WRITTEN_H

#include "register/front/loading.h"

/* `azekura register check`: the problems a line each, then what was read. In JSON: {files, rows,
 * kinds: {…}, digest, errors, problems: [{severity, text}]}. `snapshot` NULL when loading failed.
 */
void register_check_write(const struct register_report *report,
                          const struct register_snapshot *snapshot, bool as_json, struct text *out);
/* `azekura register schema`: JSON Schema, draft 2020-12, of one register file. */
void register_schema_write(struct text *out);
/* The tables of docs/formats/register.md. */
void register_fields_write(struct text *out);

#endif
