/* Prometheus text, and health for load balancers. Source: Prometheus exposition format 0.0.4. */
#include "console/inner.h"

static void metric(struct text *out, const char *name, const char *type, const char *help,
                   uint64_t value) {
    text_format(out, "# HELP azekura_%s %s\n# TYPE azekura_%s %s\nazekura_%s %llu\n", name, help,
                name, type, name, (unsigned long long)value);
}

static void label(struct text *out, str value) {
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '"' || c == '\\' || c == '\n') text_add_char(out, '\\');
        text_add_char(out, c == '\n' ? 'n' : c);
    }
}

static void tallies(struct text *out, const struct gate_state *s) {
    static const char *const kinds[] = {"kept", "warned", "refused", "read"};
    text_add_c(out, "# HELP azekura_acts_total acts recorded, by sector, class and outcome\n"
                    "# TYPE azekura_acts_total counter\n");
    for (size_t i = 0; i < s->tally_count; i++)
        for (size_t k = 0; k < GATE_COUNT_KINDS; k++) {
            text_add_c(out, "azekura_acts_total{sector=\"");
            label(out, s->tallies[i].sector);
            text_add_c(out, "\",class=\"");
            label(out, s->tallies[i].class_);
            text_format(out, "\",outcome=\"%s\"} %llu\n", kinds[k],
                        (unsigned long long)s->tallies[i].counts[k]);
        }
}

static void metrics_write(struct console *console, const struct gate_state *s, struct text *out) {
    metric(out, "visits_total", "counter", "requests that came to the gate", s->visits);
    metric(out, "denied_total", "counter", "requests without a grant", s->denied);
    metric(out, "decisions_allowed_total", "counter", "decisions: allow", s->allowed);
    metric(out, "decisions_warned_total", "counter", "decisions: warn", s->warned);
    metric(out, "decisions_refused_total", "counter", "decisions: refuse", s->refused);
    metric(out, "entries_total", "counter", "ledger entries written since the start", s->entries);
    metric(out, "turns_total", "counter", "durable turns since the start", s->turns);
    metric(out, "turns_failed_total", "counter", "turns that failed to commit", s->turns_failed);
    metric(out, "body_bytes_in_total", "counter", "bytes of bodies received", s->bytes_in);
    metric(out, "body_bytes_out_total", "counter", "bytes of bodies given", s->bytes_out);
    metric(out, "ledger_size", "gauge", "entries in the ledger", s->ledger.committed_size);
    metric(out, "ledger_signed_size", "gauge", "entries under the newest checkpoint",
           s->ledger.published_size);
    metric(out, "ledger_cosigners", "gauge", "witnesses that cosigned the newest checkpoint",
           s->ledger.cosigned_count);
    metric(out, "ledger_stopped", "gauge", "1: this history must not go on", s->ledger.stopped);
    metric(out, "place_contradicted", "gauge", "1: something speaks against the declared place",
           s->contradicted);
    metric(out, "debts_owed", "gauge", "obligations owed whose time has not passed", s->debts_owed);
    metric(out, "debts_late", "gauge", "obligations whose time has passed, not met", s->debts_late);
    if (s->debts_due_ns != INT64_MAX) /* absent: nothing that is owed has a due time */
        metric(out, "debts_next_due_seconds", "gauge", "when the next one falls due, Unix time",
               (uint64_t)i64_max(s->debts_due_ns / NS_PER_S, 0));
    metric(out, "debts_met_total", "counter", "obligations met since the start",
           s->debts_met_since);
    metric(out, "debts_late_total", "counter", "obligations that became late since the start",
           s->debts_late_since);
    metric(out, "exceptions_in_force", "gauge", "exceptions that let acts through now",
           s->exceptions_in_force);
    metric(out, "findings", "gauge", "findings that stand", s->findings);
    metric(out, "broken_glass", "gauge", "broken glass in effect now", s->glass_in_effect);
    metric(out, "buckets", "gauge", "buckets", s->buckets);
    metric(out, "disk_bytes_free", "gauge", "free bytes where the data lies",
           s->engine.disk_bytes_free);
    metric(out, "disk_low", "gauge", "1: below the low-water mark, puts get 507", s->low);
    metric(out, "clock_behind_seconds", "gauge",
           "how far the clock is behind the latest time in the ledger",
           (uint64_t)(s->clock_behind_ns / NS_PER_S));
    metric(out, "blobs_open", "gauge", "body files open", s->engine.blobs_open);
    metric(out, "views_open", "gauge", "views open", s->engine.views_open);
    tallies(out, s);
    if (console->options.metrics != NULL)
        console->options.metrics(console->options.metrics_self, out);
}

void console_metrics(struct console *console, struct http_exchange *x) {
    struct arena_space space;
    struct arena arena;
    struct gate_state state;
    struct error e;
    if (arena_space_open(&space, CONSOLE_SPACE_BYTES, &arena, &e) != OK) {
        console_fail(x, &e);
        return;
    }
    if (gate_state_read(console->options.gate, &arena, &state, &e) != OK) {
        console_fail(x, &e);
    } else {
        struct text out = text_into(arena_bytes(&arena, CONSOLE_PAGE_BYTES), CONSOLE_PAGE_BYTES);
        metrics_write(console, &state, &out);
        console_send(x, 200, STR("text/plain; version=0.0.4; charset=utf-8"), text_str(&out));
    }
    arena_space_release(&space);
}

void console_health(struct console *console, struct http_exchange *x) {
    bool stopping = atomic_load(&console->stopping);
    bool good = !stopping && gate_is_healthy(console->options.gate);
    char memory[96];
    struct text body = text_into(memory, sizeof memory);
    text_format(&body, "{\"status\":\"%s\",\"rollback\":\"%s\"}\n",
                good       ? "ready"
                : stopping ? "stopping"
                           : "not ready",
                ledger_rollback_name(gate_rollback(console->options.gate)));
    console_send(x, good ? 200 : 503, STR("application/json"), text_str(&body));
}
