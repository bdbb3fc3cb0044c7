/* The log: lines that parse, and a full pipe that stops nobody. */
#include "tests/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/log.h"

static size_t read_all(int fd, char *out, size_t cap) {
    size_t used = 0;
    ssize_t n;
    while (used < cap && (n = read(fd, out + used, cap - used)) > 0) used += (size_t)n;
    return used;
}

static void line_is_json(void **state) {
    int pipe_fd[2];
    struct error e;
    char text[4096];
    assert_int_equal(pipe(pipe_fd), 0);
    assert_ok(log_open(pipe_fd[1], LOG_INFO, &e), &e);
    log_event(LOG_DEBUG, "not wanted");
    log_event(LOG_INFO, "listening", LOG_STR("address", STR("a \"b\"\n")), LOG_INT("port", -9000));
    log_event(LOG_WARNING, "bare");
    error_set(&e, FAIL_TIMEOUT, "the witness did not answer");
    error_note(&e, "test", "asking w1");
    log_error("witness", &e);
    log_close();
    close(pipe_fd[1]);
    str rest = str_of(text, read_all(pipe_fd[0], text, sizeof text)), line;
    close(pipe_fd[0]);
    static const char *const ends[] = {
        "Z\",\"level\":\"info\",\"event\":\"listening\","
        "\"address\":\"a \\\"b\\\"\\u000a\",\"port\":-9000}",
        "Z\",\"level\":\"warning\",\"event\":\"bare\"}",
        "Z\",\"level\":\"error\",\"event\":\"witness\",\"code\":\"FAIL_TIMEOUT\","
        "\"reason\":\"the witness did not answer, while asking w1\"}",
    };
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        assert_true(str_cut(&rest, '\n', &line));
        assert_true(str_starts(line, STR("{\"time\":\"20")));
        assert_str(str_skip(line, line.len - strlen(ends[i])), str_from_c(ends[i]));
    }
    assert_int_equal(rest.len, 0);
}

static void long_line_is_cut_at_a_field(void **state) {
    int pipe_fd[2];
    struct error e;
    char text[4096], big[2000];
    memset(big, 'x', sizeof big);
    assert_int_equal(pipe(pipe_fd), 0);
    assert_ok(log_open(pipe_fd[1], LOG_INFO, &e), &e);
    log_event(LOG_INFO, "big", LOG_INT("first", 1), LOG_STR("second", str_of(big, sizeof big)),
              LOG_INT("third", 3));
    log_close();
    close(pipe_fd[1]);
    str line = str_of(text, read_all(pipe_fd[0], text, sizeof text));
    close(pipe_fd[0]);
    assert_true(str_ends(line, STR("\"event\":\"big\",\"first\":1,\"cut\":true}\n")));
}

enum { WRITERS = 4, LINES = 5000 };

static void *write_lines(void *argument) {
    for (int i = 0; i < LINES; i++)
        log_event(LOG_INFO, "line", LOG_INT("writer", *(int *)argument), LOG_INT("number", i));
    return NULL;
}

/* A pipe that nobody reads: writers go on at full speed, and what is lost is counted. */
static void full_pipe_stops_nobody(void **state) {
    int pipe_fd[2], numbers[WRITERS];
    pthread_t threads[WRITERS];
    struct error e;
    assert_int_equal(pipe(pipe_fd), 0);
    assert_true(fcntl(pipe_fd[1], F_SETPIPE_SZ, 4096) > 0);
    assert_ok(log_open(pipe_fd[1], LOG_INFO, &e), &e);
    for (int i = 0; i < WRITERS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, write_lines, &numbers[i]);
    }
    for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
    uint64_t dropped = log_dropped();
    assert_true(dropped >= WRITERS * LINES - 4096 - 200); /* queue, batch and pipe hold the rest */
    assert_true(dropped < WRITERS * LINES);
    log_close(); /* gives up on a reader that does not read: or this test never ends */
    close(pipe_fd[0]);
    close(pipe_fd[1]);
}

struct reader {
    int fd;
    uint64_t lines, dropped_told;
    int last[WRITERS];
};

static void *read_lines(void *argument) {
    struct reader *reader = argument;
    FILE *in = fdopen(reader->fd, "r");
    char line[2048];
    while (fgets(line, sizeof line, in) != NULL) {
        int writer, number;
        const char *lost = strstr(line, "\"log-dropped\",\"lines\":");
        const char *at = strstr(line, "\"writer\":");
        assert_int_equal(line[strlen(line) - 1], '\n');
        if (lost != NULL) {
            reader->dropped_told += strtoull(strrchr(line, ':') + 1, NULL, 10);
            continue;
        }
        assert_non_null(at);
        assert_int_equal(sscanf(at, "\"writer\":%d,\"number\":%d}", &writer, &number), 2);
        assert_true(number > reader->last[writer]); /* each writer's own order is kept */
        reader->last[writer] = number;
        reader->lines++;
    }
    fclose(in);
    return NULL;
}

static void every_line_is_written_or_counted(void **state) {
    int pipe_fd[2], numbers[WRITERS];
    pthread_t threads[WRITERS], reading;
    struct error e;
    assert_int_equal(pipe(pipe_fd), 0);
    struct reader reader = {.fd = pipe_fd[0]};
    memset(reader.last, -1, sizeof reader.last);
    pthread_create(&reading, NULL, read_lines, &reader);
    assert_ok(log_open(pipe_fd[1], LOG_INFO, &e), &e);
    for (int i = 0; i < WRITERS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, write_lines, &numbers[i]);
    }
    for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
    log_close();
    close(pipe_fd[1]);
    pthread_join(reading, NULL);
    assert_true(reader.lines > 0);
    assert_int_equal(reader.lines + log_dropped(), WRITERS * LINES);
    assert_int_equal(reader.dropped_told, log_dropped());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_is_json),
        cmocka_unit_test(long_line_is_cut_at_a_field),
        cmocka_unit_test(full_pipe_stops_nobody),
        cmocka_unit_test(every_line_is_written_or_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
