#include "tests/lab/tape.h"

#include "base/numbers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

const char *const tape_kind_names[TAPE_KIND_COUNT] = {
    [TAPE_CREATE] = "create", [TAPE_NAMELESS] = "nameless", [TAPE_KNOWN] = "known",
    [TAPE_WRITE] = "write",   [TAPE_SIZE] = "size",         [TAPE_GROW] = "grow",
    [TAPE_ZERO] = "zero",     [TAPE_SYNC] = "sync",         [TAPE_DIR_SYNC] = "sync of folder",
    [TAPE_LINK] = "link",     [TAPE_RENAME] = "rename",     [TAPE_UNLINK] = "unlink",
    [TAPE_MKDIR] = "mkdir",   [TAPE_RMDIR] = "rmdir",       [TAPE_MARK] = "mark",
    [TAPE_FAULT] = "fault",
};

static void stop(const char *why) {
    fprintf(stderr, "tape: %s\n", why);
    abort();
}

void tape_append(int fd, const struct tape_record *record) {
    unsigned char head[TAPE_HEAD_BYTES];
    memcpy(head, "TAPE", 4);
    write_be32(head + 4, (uint32_t)record->kind);
    write_be32(head + 8, (uint32_t)record->name_len);
    write_be32(head + 12, (uint32_t)record->data_len);
    write_be64(head + 16, record->object);
    write_be64(head + 24, record->a);
    write_be64(head + 32, record->b);
    struct iovec parts[3] = {{head, sizeof head},
                             {(void *)(uintptr_t)record->name, record->name_len},
                             {(void *)(uintptr_t)record->data, record->data_len}};
    /* Not the C library's: the recorder stands before that. */
    long written = syscall(SYS_writev, fd, parts, 3);
    if (written != (long)(sizeof head + record->name_len + record->data_len))
        stop("a record was not written whole");
}

bool tape_next(const char *tape, size_t len, size_t *at, struct tape_record *record) {
    if (*at == len) return false;
    const char *head = tape + *at;
    if (len - *at < TAPE_HEAD_BYTES || memcmp(head, "TAPE", 4) != 0) stop("no record here");
    *record = (struct tape_record){.kind = (enum tape_kind)read_be32(head + 4),
                                   .name_len = read_be32(head + 8),
                                   .data_len = read_be32(head + 12),
                                   .object = read_be64(head + 16),
                                   .a = read_be64(head + 24),
                                   .b = read_be64(head + 32),
                                   .name = head + TAPE_HEAD_BYTES};
    record->data = record->name + record->name_len;
    if (record->kind == 0 || record->kind >= TAPE_KIND_COUNT) stop("a record of no known kind");
    size_t left = len - *at - TAPE_HEAD_BYTES;
    if (record->name_len > left || record->data_len > left - record->name_len)
        stop("a record is cut off");
    *at += TAPE_HEAD_BYTES + record->name_len + record->data_len;
    return true;
}

void tape_mark(const char *text) {
    const char *path = getenv("AZEKURA_TAPE");
    if (path == NULL) return;
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0) stop("cannot open the tape to mark it");
    tape_append(fd,
                &(struct tape_record){.kind = TAPE_MARK, .data = text, .data_len = strlen(text)});
    close(fd);
}
