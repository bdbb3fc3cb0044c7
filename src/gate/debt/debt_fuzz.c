/* Any bytes as rows of debts, of this format and of the one before: what is read is written back to the
 * same bytes, and an account's words fit the room they are given. The first 14 bytes are the key. */
#include "gate/debt/debt.h"
#include "gate/turn/past.h"

static char memory[1 << 20], told[1 << 16];

static void row_try(str key, str row) {
    struct debt debt;
    char written[DEBT_ROW_BYTES];
    unsigned char id[DEBT_ID_KEY_BYTES];
    if (debt_decode(key, row, &debt, NULL) != OK) return;
    debt_encode(&debt, written);
    if (!str_equal(row, str_of(written, sizeof written))) __builtin_trap();
    if (!str_equal(key, debt_id_key(debt.id, id))) __builtin_trap();
}

static void old_row_try(str key, str row) {
    static const struct gate_era past[] = {{1, 1000}, {3, 5000}};
    struct gate_eras eras = {past, 2, 4};
    struct debt debt;
    if (debt_decode_format_1(key, row, &eras, &debt, NULL) != OK) return;
    if (debt.id.log != 1 && debt.id.log != 3 && debt.id.log != 4) __builtin_trap();
    char written[DEBT_ROW_BYTES];
    struct debt again;
    unsigned char id[DEBT_ID_KEY_BYTES];
    debt_encode(&debt, written);
    str new_row = str_of(written, sizeof written);
    if (debt_decode(debt_id_key(debt.id, id), new_row, &again, NULL) != OK) __builtin_trap();
}

static void place_try(str key) {
    struct debt_id id;
    int64_t due_ns;
    if (debt_key_read(key, &due_ns, &id, NULL) != OK && key.len == DEBT_KEY_BYTES) __builtin_trap();
}

static void account_try(str key, str row) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct text text = text_into(told, sizeof told);
    struct debt_account account;
    if (debt_account_decode(key, row, &arena, &account, NULL) == OK &&
        account.id != read_be64(key.at + 2))
        __builtin_trap();
    arena = arena_over(memory, sizeof memory);
    if (debt_terms_read(row, &arena, &account, NULL) == OK) debt_terms_text(&account, &text);
    if (text.len > sizeof told) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str bytes = str_of(data, size), key = str_slice(bytes, 0, size_min(size, DEBT_ID_KEY_BYTES)),
        row = str_skip(bytes, key.len);
    row_try(key, row);
    old_row_try(str_slice(key, 0, size_min(key.len, 10)), row);
    place_try(bytes);
    account_try(str_slice(key, 0, size_min(key.len, DEBT_ACCOUNT_KEY_BYTES)), row);
    return 0;
}
