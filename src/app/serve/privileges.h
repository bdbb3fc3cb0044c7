/* Inner: becoming somebody less mighty. */
#ifndef AZEKURA_APP_PRIVILEGES_H
#define AZEKURA_APP_PRIVILEGES_H

#include "base/base.h"

/* Started as root with a user named: becomes that user, keeping only the right to bind low ports.
 * NULL: stays who it is. FAIL_NOT_FOUND: no such user. FAIL_SYSTEM. */
enum error_code privileges_drop(const char *user, struct error *e) MUST_USE;

#endif
