/* Where bytes go: standard output, a file that gets its name at the end, or memory. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/disk.h"
#include "report/report.h"

static enum error_code buffer_take(struct report_out *out, struct error *e) {
    out->buffer = calloc(1, REPORT_BUFFER_BYTES);
    return out->buffer != NULL ? OK : error_set(e, FAIL_MEMORY, "no room for a report");
}

static enum error_code file_open(const char *path, int flags, struct report_out *out,
                                 struct error *e) {
    char name[sizeof out->path + 8];
    int len = snprintf(out->path, sizeof out->path, "%s", path);
    enum error_code code = OK;
    if (len < 0 || (size_t)len >= sizeof out->path)
        code = error_set(e, FAIL_USAGE, "a path is over %zu bytes", sizeof out->path - 1);
    snprintf(name, sizeof name, "%s.new", out->path);
    if (code == OK)
        code = disk_open(AT_FDCWD, name, O_CREAT | O_CLOEXEC | flags, 0644, &out->fd, e);
    if (code == OK) return OK;
    free(out->buffer);
    *out = (struct report_out){.fd = -1};
    return code;
}

static enum error_code stream_open(const char *path, struct report_out *out, struct error *e) {
    enum error_code code = disk_stream_open(AT_FDCWD, path, &out->fd, e);
    out->stream = path;
    if (code == OK) return OK;
    free(out->buffer);
    *out = (struct report_out){.fd = -1};
    return code;
}

enum error_code report_open(const char *path, struct report_out *out, struct error *e) {
    *out = (struct report_out){.fd = STDOUT_FILENO, .stream = "standard output"};
    TRY(buffer_take(out, e));
    if (path == NULL || strcmp(path, "-") == 0) return OK;
    if (disk_is_no_file(AT_FDCWD, path)) return stream_open(path, out, e);
    return file_open(path, O_WRONLY | O_TRUNC, out, e);
}

/* Where the last whole line ends; the buffer is nobody's yet. */
static enum error_code lines_count(struct report_out *out, uint64_t *lines, struct error *e) {
    uint64_t offset = 0;
    for (size_t got = REPORT_BUFFER_BYTES; got == REPORT_BUFFER_BYTES; offset += got) {
        TRY(disk_read(out->fd, out->buffer, REPORT_BUFFER_BYTES, offset, &got, out->path, e));
        for (size_t i = 0; i < got; i++) {
            if (out->buffer[i] != '\n') continue;
            out->written_bytes = offset + i + 1;
            (*lines)++;
        }
    }
    const struct disk *disk = disk_now();
    int failed = disk->truncate(disk->self, out->fd, out->written_bytes);
    return failed == 0 ? OK : error_set_errno(e, -failed, "cutting %s.new", out->path);
}

enum error_code report_resume(const char *path, struct report_out *out, uint64_t *lines,
                              struct error *e) {
    *out = (struct report_out){.fd = -1};
    *lines = 0;
    if (disk_is_no_file(AT_FDCWD, path))
        return error_set(e, FAIL_USAGE, "%s is no file that could be gone on with", path);
    TRY(buffer_take(out, e));
    TRY(file_open(path, O_RDWR, out, e));
    enum error_code code = lines_count(out, lines, e);
    if (code != OK) {
        disk_close(out->fd);
        free(out->buffer);
        *out = (struct report_out){.fd = -1};
    }
    return code;
}

enum error_code report_open_text(void *memory, size_t cap, struct report_out *out,
                                 struct error *e) {
    (void)e;
    *out = (struct report_out){.fd = -1, .memory = text_into(memory, cap)};
    return OK;
}

enum error_code report_open_hash(struct sha256 *hash, struct report_out *out, struct error *e) {
    *out = (struct report_out){.fd = -1, .hash = hash};
    return buffer_take(out, e);
}

static void flush(struct report_out *out) {
    if (out->used == 0) return;
    if (out->hash != NULL)
        sha256_add(out->hash, out->buffer, out->used);
    else if (out->failed == OK)
        out->failed = out->path[0] == 0 ? disk_stream_write(out->fd, str_of(out->buffer, out->used),
                                                            out->stream, &out->error)
                                        : disk_write(out->fd, out->buffer, out->used,
                                                     out->written_bytes, out->path, &out->error);
    out->written_bytes += out->used;
    out->used = 0;
}

void report_add(struct report_out *out, str bytes) {
    if (out->buffer == NULL) {
        text_add(&out->memory, bytes);
        return;
    }
    while (bytes.len > 0) {
        size_t part = size_min(bytes.len, REPORT_BUFFER_BYTES - out->used);
        memcpy(out->buffer + out->used, bytes.at, part);
        out->used += part;
        bytes = str_skip(bytes, part);
        if (out->used == REPORT_BUFFER_BYTES) flush(out);
    }
}

void report_add_c(struct report_out *out, const char *text) {
    report_add(out, str_from_c(text));
}

void report_format(struct report_out *out, const char *format, ...) {
    char small[1024];
    va_list values;
    va_start(values, format);
    int len = vsnprintf(small, sizeof small, format, values);
    va_end(values);
    if (len < 0) return;
    if ((size_t)len < sizeof small) {
        report_add(out, str_of(small, (size_t)len));
        return;
    }
    char *large = malloc((size_t)len + 1);
    if (large == NULL) {
        if (out->failed == OK)
            out->failed = error_set(&out->error, FAIL_MEMORY, "no room for a report");
        return;
    }
    va_start(values, format);
    vsnprintf(large, (size_t)len + 1, format, values);
    va_end(values);
    report_add(out, str_of(large, (size_t)len));
    free(large);
}

static enum error_code file_settle(struct report_out *out, struct error *e) {
    char name[sizeof out->path + 8];
    snprintf(name, sizeof name, "%s.new", out->path);
    enum error_code code = out->failed;
    if (code == OK) code = disk_sync(out->fd, out->path, &out->error);
    disk_close(out->fd);
    const struct disk *disk = disk_now();
    int failed = 0;
    if (code == OK) failed = disk->rename(disk->self, AT_FDCWD, name, out->path);
    if (failed != 0) code = error_set_errno(&out->error, -failed, "naming %s", out->path);
    if (code != OK) disk->unlink(disk->self, AT_FDCWD, name, 0);
    if (code != OK) *e = out->error;
    return code;
}

enum error_code report_close(struct report_out *out, struct error *e) {
    if (out->buffer == NULL)
        return out->memory.overflow
                   ? error_set(e, FAIL_LIMIT, "the report is over %zu bytes", out->memory.cap)
                   : OK;
    flush(out);
    enum error_code code = out->failed;
    if (out->path[0] != 0)
        code = file_settle(out, e);
    else if (code != OK)
        *e = out->error;
    if (out->path[0] == 0 && out->fd > STDERR_FILENO) disk_close(out->fd);
    free(out->buffer);
    out->buffer = NULL;
    return code;
}

void report_abandon(struct report_out *out) {
    struct error e;
    if (out->buffer == NULL) return;
    if (out->path[0] == 0) out->used = 0; /* a report is whole or not written */
    if (out->failed == OK) out->failed = error_set(&out->error, FAIL_CLOSED, "abandoned");
    error_ignore(report_close(out, &e));
}

void report_leave(struct report_out *out) {
    if (out->buffer == NULL) return;
    if (out->path[0] == 0) out->used = 0; /* a report is whole or not written */
    flush(out);
    if (out->path[0] != 0) disk_close(out->fd);
    free(out->buffer);
    out->buffer = NULL;
}

str report_text(const struct report_out *out) {
    return text_str(&out->memory);
}
