/* Any bytes as a row of a store listing: what is accepted is written back the same. */
#include "evidence/evidence.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static char memory[1 << 21], again[1 << 22];
    struct arena arena = arena_over(memory, sizeof memory);
    struct evidence_listing_row row;
    struct evidence_listing_head head;
    bool is_end;
    uint64_t rows;
    str line = str_of(bytes, count), rest = line;
    struct text out = text_into(again, sizeof again);
    if (evidence_listing_head_read(&rest, &head, NULL) == OK) {
        evidence_listing_head_write(&out, &head);
        assert(str_equal(text_str(&out), str_slice(line, 0, count - rest.len)));
    }
    if (evidence_listing_line_read(line, &arena, &row, &is_end, &rows, NULL) != OK) return 0;
    out = text_into(again, sizeof again);
    if (is_end) {
        evidence_listing_end_write(&out, rows);
    } else {
        evidence_listing_row_write(&out, &row);
    }
    assert(out.overflow || str_equal_nocase(str_slice(text_str(&out), 0, out.len - 1), line));
    return 0;
}
