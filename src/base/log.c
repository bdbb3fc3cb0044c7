/* The log: a bounded queue of lines to one writer thread.
 *
 * A line is made in place, in a slot of the queue. A slot's turn number says whose it is: n while
 * it waits for the n-th line, n + 1 once that line is whole, n + LOG_SLOTS when it has been written
 * and is free for the next round. So writers of lines never wait for each other, nor for the pipe:
 * when the slot they want is still taken, the queue is full, and the line is counted as dropped.
 * (The scheme is Dmitry Vyukov's bounded queue, with one consumer.) */
#include "base/log.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
    LOG_SLOTS = 4096,       /* lines that may wait; ours: with the slots 4 MiB */
    LOG_LINE_BYTES = 1008,  /* longer ones are cut at a field and say so */
    LOG_TAIL_BYTES = 16,    /* kept for `,"cut":true}` and the newline */
    LOG_PIPE_BYTES = 4096,  /* a pipe that is writable takes this much: POSIX PIPE_BUF on Linux */
    LOG_PAUSE_NS = 5000000, /* between looks while lines keep coming */
    LOG_CLOSE_MS = 1000,    /* how long log_close waits for a pipe nobody reads */
};

struct slot {
    _Atomic uint64_t turn;
    uint32_t bytes;
    char line[LOG_LINE_BYTES];
};

static struct slot slots[LOG_SLOTS]; /* for ever: a late line at closing time hurts nobody */

static struct {
    _Atomic bool open;     /* false: no writer; lines go out at once */
    _Atomic uint64_t next; /* the line to come, for those who write lines */
    uint64_t first;        /* the line to be written next; the writer's own */
    _Atomic uint64_t dropped;
    uint64_t dropped_told; /* the writer's own */
    bool gave_up;          /* the writer's own */
    _Atomic bool closing;
    sem_t more;
    _Atomic bool asleep; /* the writer waits for `more`; else it looks again by itself */
    pthread_t writer;
    int fd;
    enum log_level least;
} logger = {.fd = STDERR_FILENO, .least = LOG_INFO};

/* ---- a line */

static const char *const level_names[] = {"debug", "info", "warning", "error"};

static void field_add(struct text *t, const struct log_field *field) {
    size_t before = t->len;
    text_add_char(t, ',');
    text_add_json(t, str_from_c(field->name));
    text_add_char(t, ':');
    if (field->kind == LOG_TEXT)
        text_add_json(t, field->text);
    else
        text_add_number(t, field->number);
    if (t->overflow) t->len = before; /* it goes whole or not at all */
}

/* One JSON object and a newline; a field that does not fit ends it with "cut". */
static size_t line_write(char out[LOG_LINE_BYTES], enum log_level level, const char *event,
                         const struct log_field *fields) {
    char when[CLOCK_TEXT_BYTES];
    size_t when_bytes = clock_iso_write(clock_wall_ns(), when);
    struct text t = text_into(out, LOG_LINE_BYTES - LOG_TAIL_BYTES);
    text_add(&t, STR("{\"time\":\""));
    text_add(&t, str_of(when, when_bytes));
    text_add(&t, STR("\",\"level\":\""));
    text_add_c(&t, level_names[level]);
    text_add(&t, STR("\",\"event\":"));
    text_add_json(&t, str_slice(str_from_c(event), 0, 64));
    for (; fields->kind != LOG_END && !t.overflow; fields++) field_add(&t, fields);
    bool cut = t.overflow;
    t.cap = LOG_LINE_BYTES;
    t.overflow = false;
    text_add_c(&t, cut ? ",\"cut\":true}\n" : "}\n");
    assert(!t.overflow);
    return t.len;
}

/* ---- the queue */

/* The slot for the next line, or NULL when the queue is full. */
static struct slot *slot_take(uint64_t *turn) {
    uint64_t mine = atomic_load_explicit(&logger.next, memory_order_relaxed);
    for (;;) {
        struct slot *slot = &slots[mine % LOG_SLOTS];
        uint64_t there = atomic_load_explicit(&slot->turn, memory_order_acquire);
        if (there < mine) return NULL; /* the line of the round before is still in it */
        if (there > mine) {            /* somebody else was faster */
            mine = atomic_load_explicit(&logger.next, memory_order_relaxed);
            continue;
        }
        if (atomic_compare_exchange_weak_explicit(&logger.next, &mine, mine + 1,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            *turn = mine;
            return slot;
        }
    }
}

static void write_at_once(const char *line, size_t bytes) {
    while (bytes > 0) {
        ssize_t n = write(logger.fd, line, bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return; /* nowhere to say so */
        line += n;
        bytes -= (size_t)n;
    }
}

/* A system call only when the writer sleeps: under load it looks every few milliseconds anyway. */
static void writer_wake(void) {
    if (atomic_load(&logger.asleep) && atomic_exchange(&logger.asleep, false))
        sem_post(&logger.more);
}

void log_event_fields(enum log_level level, const char *event, const struct log_field *fields) {
    if (level < logger.least) return;
    if (!atomic_load_explicit(&logger.open, memory_order_acquire)) {
        char line[LOG_LINE_BYTES];
        write_at_once(line, line_write(line, level, event, fields));
        return;
    }
    uint64_t turn;
    struct slot *slot = slot_take(&turn);
    if (slot == NULL) {
        atomic_fetch_add_explicit(&logger.dropped, 1, memory_order_relaxed);
        return;
    }
    slot->bytes = (uint32_t)line_write(slot->line, level, event, fields);
    atomic_store(&slot->turn, turn + 1); /* before the look at `asleep`: one of us sees the other */
    writer_wake();
}

void log_error(const char *event, const struct error *e) {
    char text[LOG_LINE_BYTES / 2];
    error_text(e, text, sizeof text);
    log_event(LOG_ERROR, event, LOG_STR("code", str_from_c(error_name(e->code))),
              LOG_STR("reason", str_from_c(text)));
}

uint64_t log_dropped(void) {
    return atomic_load(&logger.dropped);
}

/* ---- the writer */

/* false: nobody reads. At closing time that is found out once. */
static bool write_out(const char *bytes, size_t count) {
    while (count > 0 && !logger.gave_up) {
        struct pollfd pipe = {.fd = logger.fd, .events = POLLOUT};
        int ready = poll(&pipe, 1, LOG_CLOSE_MS);
        if (ready == 0) logger.gave_up = atomic_load(&logger.closing);
        if (ready <= 0) continue;
        ssize_t n = write(logger.fd, bytes, count < LOG_PIPE_BYTES ? count : LOG_PIPE_BYTES);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n <= 0) return false;
        bytes += n;
        count -= (size_t)n;
    }
    return count == 0;
}

static void dropped_tell(void) {
    uint64_t dropped = log_dropped();
    if (dropped == logger.dropped_told) return;
    char line[LOG_LINE_BYTES];
    const struct log_field fields[] = {LOG_INT("lines", dropped - logger.dropped_told),
                                       {.kind = LOG_END}};
    logger.dropped_told = dropped;
    write_out(line, line_write(line, LOG_WARNING, "log-dropped", fields));
}

/* Takes whole lines until there are none, some at a time so that a burst costs few writes. */
static bool lines_write(void) {
    bool any = false;
    char batch[8 * LOG_LINE_BYTES];
    for (;;) {
        size_t used = 0;
        unsigned lines = 0;
        while (used <= sizeof batch - LOG_LINE_BYTES) {
            struct slot *slot = &slots[logger.first % LOG_SLOTS];
            if (atomic_load_explicit(&slot->turn, memory_order_acquire) != logger.first + 1) break;
            memcpy(batch + used, slot->line, slot->bytes);
            used += slot->bytes;
            lines++;
            atomic_store_explicit(&slot->turn, logger.first + LOG_SLOTS, memory_order_release);
            logger.first++;
        }
        if (lines == 0) return any;
        any = true;
        if (!write_out(batch, used))
            atomic_fetch_add_explicit(&logger.dropped, lines, memory_order_relaxed);
    }
}

static void *writer_run(void *argument) {
    for (;;) {
        bool closing = atomic_load(&logger.closing); /* before the look: what came before is seen */
        bool any = lines_write();
        dropped_tell();
        if (closing) return NULL;
        if (any) {
            struct timespec pause = {0, LOG_PAUSE_NS}; /* lines gather, and go out together */
            nanosleep(&pause, NULL);
            continue;
        }
        atomic_store(&logger.asleep, true);
        if (lines_write()) continue; /* one came between; its writer may still wake us: harmless */
        while (sem_wait(&logger.more) != 0) continue;
    }
}

enum error_code log_open(int fd, enum log_level least, struct error *e) {
    assert(!atomic_load(&logger.open));
    for (uint64_t i = 0; i < LOG_SLOTS; i++) atomic_store(&slots[i].turn, i);
    atomic_store(&logger.next, 0);
    atomic_store(&logger.dropped, 0);
    atomic_store(&logger.closing, false);
    logger.first = logger.dropped_told = 0;
    logger.gave_up = false;
    logger.fd = fd;
    logger.least = least;
    sem_init(&logger.more, 0, 0);
    sigset_t all, before;
    sigfillset(&all); /* SIGPIPE above all: a reader that went away must not end the store */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int errnum = pthread_create(&logger.writer, NULL, writer_run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (errnum != 0) return error_set_errno(e, errnum, "cannot start the log's writer");
    pthread_setname_np(logger.writer, "log");
    atomic_store_explicit(&logger.open, true, memory_order_release);
    return OK;
}

void log_close(void) {
    if (!atomic_exchange(&logger.open, false)) return;
    atomic_store(&logger.closing, true);
    sem_post(&logger.more);
    pthread_join(logger.writer, NULL);
    logger.fd = STDERR_FILENO;
}
