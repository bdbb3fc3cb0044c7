/* The front door of tlog: transparency-log formats, byte for byte, so that other people's tools
 * verify what we write and we verify what they write.
 *
 * Everything here is pure: bytes in, value or error out; no clock, no disk, no network. Times come
 * from the caller as Unix seconds, keys too. Five ideas, one header each:
 *
 *   tlog/tree.h       hashes, the growing tree, proofs, the tree over a stored body's pieces
 *   tlog/tile.h       tiles and entry bundles: their names and their bytes
 *   tlog/note.h       keys and signed notes; the table of signature types
 *   tlog/checkpoint.h signed heads, and what travels with them: proof files, witness requests
 *   tlog/policy.h     whose signatures are enough
 *
 * Errors of the whole module:
 *   FAIL_SYNTAX   not the format; the message names the line or field
 *   FAIL_LIMIT    well formed, but over a limit named in the message
 *   FAIL_VERSION  a signature type or file version we do not know
 *   FAIL_PROOF    well formed, but a hash, a proof or a signature does not hold
 *   FAIL_MEMORY   the arena given is full
 *   FAIL_CRYPTO   the library refused (never because of what a stranger sent) */
#ifndef AZEKURA_TLOG_TLOG_H
#define AZEKURA_TLOG_TLOG_H

#include "tlog/checkpoint.h"
#include "tlog/note.h"
#include "tlog/policy.h"
#include "tlog/tile.h"
#include "tlog/tree.h"

#endif
