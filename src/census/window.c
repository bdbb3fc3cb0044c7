/* A JSON file too large to hold, value by value: where a value ends is seen by brackets and quotes. */
#include "census/window.h"

#include "base/disk.h"
#include "base/run.h"

#include <fcntl.h>

enum { READ_BYTES = 1 << 20 };

enum error_code window_open(const char *path, struct window *out, struct error *e) {
    struct arena arena;
    *out = (struct window){.path = path, .fd = -1};
    TRY(disk_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, &out->fd, e));
    enum error_code code = arena_space_open(&out->space, WINDOW_BYTES, &arena, e);
    if (code != OK) {
        window_close(out);
        return code;
    }
    out->at = (char *)out->space.at;
    sha256_begin(&out->hash);
    return OK;
}

enum error_code window_over(str bytes, struct window *out, struct error *e) {
    struct arena arena;
    *out = (struct window){.path = "bytes", .fd = -1, .is_read = true};
    if (bytes.len > WINDOW_BYTES) return error_set(e, FAIL_LIMIT, "over %d bytes", WINDOW_BYTES);
    TRY(arena_space_open(&out->space, WINDOW_BYTES, &arena, e));
    out->at = (char *)out->space.at;
    if (bytes.len > 0) memcpy(out->at, bytes.at, bytes.len);
    out->end = bytes.len;
    sha256_begin(&out->hash);
    sha256_add(&out->hash, bytes.at, bytes.len);
    return OK;
}

void window_close(struct window *window) {
    if (window->space.at == NULL && window->fd <= 0) return;
    if (window->fd >= 0) disk_close(window->fd);
    arena_space_release(&window->space);
    window->fd = -1;
}

/* *more false: nothing was added, the file is over or the window full. */
static enum error_code fill(struct window *w, bool *more, struct error *e) {
    size_t got;
    *more = false;
    if (w->is_read) return OK;
    if (w->first > 0) {
        memmove(w->at, w->at + w->first, w->end - w->first);
        w->offset += w->first;
        w->end -= w->first;
        w->first = 0;
    }
    size_t room = size_min(WINDOW_BYTES - w->end, READ_BYTES);
    if (room == 0) return OK;
    TRY(disk_read(w->fd, w->at + w->end, room, w->offset + w->end, &got, w->path, e));
    sha256_add(&w->hash, w->at + w->end, got);
    w->end += got;
    w->is_read = got < room;
    *more = got > 0;
    return OK;
}

static bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

enum error_code window_peek(struct window *w, char *out, struct error *e) {
    bool more = true;
    *out = 0;
    while (more) {
        while (w->first < w->end && is_white(w->at[w->first])) w->first++;
        if (w->first < w->end) {
            *out = w->at[w->first];
            return OK;
        }
        TRY(fill(w, &more, e));
    }
    return OK;
}

void window_take(struct window *window) {
    assert(window->first < window->end);
    window->first++;
}

uint64_t window_place(const struct window *window) {
    return window->offset + window->first;
}

/* ---- where a value ends ---- */

struct scan {
    size_t at; /* bytes of the value looked at */
    unsigned depth;
    bool in_string, is_escaped, is_scalar, is_over;
};

/* Goes on over bytes[at, count). */
static void scan_on(struct scan *s, const char *bytes, size_t count) {
    for (; s->at < count && !s->is_over; s->at++) {
        if (s->in_string && !s->is_escaped)
            s->at += run_plain(str_of(bytes + s->at, count - s->at));
        if (s->at == count) return;
        char c = bytes[s->at];
        if (s->in_string) {
            if (s->is_escaped)
                s->is_escaped = false;
            else if (c == '\\')
                s->is_escaped = true;
            else if (c == '"') {
                s->in_string = false;
                s->is_over = s->depth == 0;
            }
        } else if (s->is_scalar) {
            if (c == ',' || c == ']' || c == '}' || c == ':' || is_white(c)) {
                s->is_over = true;
                break; /* that byte is not its own */
            }
        } else if (c == '"')
            s->in_string = true;
        else if (c == '{' || c == '[')
            s->depth++;
        else if ((c == '}' || c == ']') && s->depth > 0)
            s->is_over = --s->depth == 0;
        else if (s->depth == 0)
            s->is_scalar = true;
    }
}

enum error_code window_value(struct window *w, str *out, bool *whole, struct error *e) {
    struct scan scan = {0};
    bool more = true;
    char first;
    *whole = false;
    TRY(window_peek(w, &first, e));
    if (first == 0) return OK;
    for (;;) {
        scan_on(&scan, w->at + w->first, w->end - w->first);
        if (scan.is_over || !more) break;
        TRY(fill(w, &more, e));
    }
    *whole = scan.is_over || (scan.is_scalar && w->is_read);
    *out = str_of(w->at + w->first, scan.at);
    if (*whole) w->first += scan.at;
    return OK;
}

enum error_code window_pass(struct window *w, bool *whole, struct error *e) {
    struct scan scan = {0};
    bool more = true;
    char first;
    *whole = false;
    TRY(window_peek(w, &first, e));
    while (first != 0 && !scan.is_over && more) {
        scan_on(&scan, w->at + w->first, w->end - w->first);
        w->first += scan.at; /* nobody reads it */
        scan.at = 0;
        if (!scan.is_over) TRY(fill(w, &more, e));
    }
    *whole = scan.is_over;
    return OK;
}

enum error_code window_digest(struct window *w, digest *out, struct error *e) {
    bool more = true;
    struct sha256 hash;
    while (more) {
        w->first = w->end;
        TRY(fill(w, &more, e));
    }
    hash = w->hash;
    *out = sha256_end(&hash);
    return OK;
}
