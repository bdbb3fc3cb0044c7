/* The register: what is known about operators, entities, sites, networks, systems, datasets and
 * their papers, and who said so.
 *
 * People keep it as YAML and CSV files under version control; the loader turns them into one
 * immutable snapshot or says, file:line:column, what is wrong. A snapshot may be read from any
 * thread. Rows and values have times, so a snapshot answers "as of" any day; imports keep the rows
 * they replace, so an earlier generation can be read back from the engine.
 *
 * One table of kinds and fields (register/fields.c) drives the loader, the JSON Schema and the
 * pages. What is promised of each idea has a header of its own in register/front/; this one brings them
 * all, and is the only one that others include.
 * Source: DESIGN 6; RULEBOOK 1 (adoption), 2 (facts), 5 (exceptions). */
#ifndef AZEKURA_REGISTER_REGISTER_H
#define AZEKURA_REGISTER_REGISTER_H

#include "register/front/fields.h"
#include "register/front/history.h"
#include "register/front/inspections.h"
#include "register/front/lists.h"
#include "register/front/loading.h"
#include "register/front/names.h"
#include "register/front/parts.h"
#include "register/front/rows.h"
#include "register/front/snapshot.h"
#include "register/front/written.h"

#endif
