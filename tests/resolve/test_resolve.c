/* Names asked of a server with all manners: what is told of each, in which order chains come, and that every
 * name is told once. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolve/resolve.h"
#include "tests/resolve/dns_server.h"
#include "tests/test.h"

static const struct dns_row rows[] = {
    {"a.test", "A=192.0.2.1 SOA"},
    {"both.test", "A=192.0.2.2 A=192.0.2.3 AAAA=2001:db8::2"},
    {"six.test", "AAAA=2001:db8::6 SOA"},
    {"alias.test", "CNAME=mid.test CNAME=a.test A=192.0.2.1 SOA"},
    {"shuffled.test",
     "OWNER=a.test A=192.0.2.1 OWNER=mid.test CNAME=a.test OWNER=shuffled.test CNAME=mid.test"},
    {"out.test", "CNAME=a.test"},
    {"loop1.test", "CNAME=loop2.test CNAME=loop1.test"},
    {"far1.test", "CNAME=far2.test"},
    {"far2.test", "CNAME=far3.test"},
    {"far3.test", "CNAME=far1.test"},
    {"self.test", "CNAME=self.test"},
    {"k*.test", "NEXT"},
    {"aliasgone.test", "CNAME=gone.test RCODE=3 SOA"},
    {"nothing.test", "SOA"},
    {"fail.test", "RCODE=2"},
    {"refuse.test", "RCODE=5"},
    {"drop.test", "DROP"},
    {"slow.test", "DROP-FIRST A=192.0.2.4 SOA"},
    {"big.test", "TC MANY=100 SOA"},
    {"wrongid.test", "WRONG-ID A=192.0.2.5 SOA"},
    {"wrongname.test", "WRONG-NAME A=192.0.2.6 SOA"},
    {"circle.test", "CIRCLE"},
    {"short.test", "SHORT"},
    {"stray.test", "OWNER=other.test A=203.0.113.66 SOA"},
    {"n*.test", "A=192.0.2.9 SOA"},
    {"1.2.0.192.in-addr.arpa", "PTR=a.test PTR=www.a.test"},
    {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR=six.test"},
};

static struct dns_server *server;
static char resolver[64];

static int start(void **state) {
    server = dns_server_start(rows, COUNT_OF(rows));
    snprintf(resolver, sizeof resolver, "127.0.0.1:%u", dns_server_port(server));
    return 0;
}
static int stop(void **state) {
    dns_server_stop(server);
    return 0;
}

static const struct {
    const char *name;
    enum resolve_status status;
    const char *addresses, *chain;
} cases[] = {
    {"a.test", RESOLVE_FOUND, "192.0.2.1", ""},
    {"A.Test.", RESOLVE_FOUND, "192.0.2.1", ""},
    {"both.test", RESOLVE_FOUND, "192.0.2.2 192.0.2.3 2001:db8::2", ""},
    {"six.test", RESOLVE_FOUND, "2001:db8::6", ""},
    {"alias.test", RESOLVE_FOUND, "192.0.2.1", "mid.test a.test"},
    {"shuffled.test", RESOLVE_FOUND, "192.0.2.1", "mid.test a.test"},
    {"out.test", RESOLVE_FOUND, "192.0.2.1", "a.test"},
    {"loop1.test", RESOLVE_LOOP, "", "loop2.test"},
    {"far1.test", RESOLVE_LOOP, "", "far2.test far3.test"},
    {"self.test", RESOLVE_LOOP, "", ""},
    {"k1.test", RESOLVE_LOOP, "",
     "k2.test k3.test k4.test k5.test k6.test k7.test k8.test k9.test k10.test k11.test k12.test "
     "k13.test k14.test k15.test k16.test k17.test"},
    {"gone.test", RESOLVE_NO_NAME, "", ""},
    {"aliasgone.test", RESOLVE_NO_NAME, "", "gone.test"},
    {"nothing.test", RESOLVE_NO_DATA, "", ""},
    {"fail.test", RESOLVE_FAILED, "", ""},
    {"refuse.test", RESOLVE_REFUSED, "", ""},
    {"drop.test", RESOLVE_TIMEOUT, "", ""},
    {"slow.test", RESOLVE_FOUND, "192.0.2.4", ""},
    {"wrongid.test", RESOLVE_FOUND, "192.0.2.5", ""},
    {"wrongname.test", RESOLVE_FOUND, "192.0.2.6", ""},
    {"circle.test", RESOLVE_BAD_ANSWER, "", ""},
    {"short.test", RESOLVE_BAD_ANSWER, "", ""},
    {"stray.test", RESOLVE_NO_DATA, "", ""},
    {"", RESOLVE_BAD_NAME, "", ""},
    {"two..dots.test", RESOLVE_BAD_NAME, "", ""},
    {"a b.test", RESOLVE_BAD_NAME, "", ""},
    {"0123456789012345678901234567890123456789012345678901234567890123.test", RESOLVE_BAD_NAME, "",
     ""},
};

struct asking {
    size_t next, told;
    bool was_told[COUNT_OF(cases)];
};

static bool case_next(void *self, struct resolve_question *out) {
    struct asking *asking = self;
    if (asking->next == COUNT_OF(cases)) return false;
    out->tag = asking->next;
    out->name = str_from_c(cases[asking->next++].name);
    return true;
}

static void addresses_write(const struct resolve_answer *answer, struct text *text) {
    for (size_t i = 0; i < answer->address_count; i++) {
        char address[64];
        const struct resolve_address *a = &answer->addresses[i];
        inet_ntop(a->len == 4 ? AF_INET : AF_INET6, a->at, address, sizeof address);
        text_format(text, "%s%s", i > 0 ? " " : "", address);
    }
}
static void strs_write(const str *strs, size_t count, struct text *text) {
    for (size_t i = 0; i < count; i++)
        text_format(text, "%s%.*s", i > 0 ? " " : "", STR_FMT(strs[i]));
}

static enum error_code case_done(void *self, const struct resolve_answer *answer, struct error *e) {
    struct asking *asking = self;
    assert_true(answer->tag < COUNT_OF(cases));
    assert_false(asking->was_told[answer->tag]);
    asking->was_told[answer->tag] = true;
    asking->told++;
    const char *name = cases[answer->tag].name;
    char addresses[512], chain[512];
    struct text a = text_into(addresses, sizeof addresses), c = text_into(chain, sizeof chain);
    addresses_write(answer, &a);
    strs_write(answer->chain, answer->chain_count, &c);
    if (answer->status != cases[answer->tag].status)
        fail_msg("row \"%s\": %s", name, resolve_status_name(answer->status));
    if (!str_equal(text_str(&a), str_from_c(cases[answer->tag].addresses)))
        fail_msg("row \"%s\": %.*s", name, STR_FMT(text_str(&a)));
    if (!str_equal(text_str(&c), str_from_c(cases[answer->tag].chain)))
        fail_msg("row \"%s\": chain %.*s", name, STR_FMT(text_str(&c)));
    assert_row(name, (answer->ttl_s == 300) ==
                         (answer->status == RESOLVE_FOUND || answer->chain_count > 0 ||
                          strcmp(name, "self.test") == 0));
    return OK;
}

static void each_manner_is_told_as_what_it_is(void **state) {
    struct asking asking = {0};
    struct resolve_options options = {
        .resolvers = str_from_c(resolver), .timeout_ms = 150, .tries = 2};
    struct resolve_source source = {case_next, &asking};
    struct resolve_sink sink = {case_done, &asking};
    struct resolve_report report;
    struct error e;
    assert_ok(resolve_run(&options, &source, &sink, &report, &e), &e);
    assert_int_equal(asking.told, COUNT_OF(cases));
    assert_int_equal(report.asked, COUNT_OF(cases));
    uint64_t sum = 0;
    for (unsigned i = 0; i < RESOLVE_STATUS_COUNT; i++) sum += report.by_status[i];
    assert_int_equal(sum, COUNT_OF(cases));
}

/* ---- single questions ---- */

struct one {
    struct resolve_question question;
    bool was_asked;
    enum resolve_status status;
    size_t addresses;
    char names[256];
};
static bool one_next(void *self, struct resolve_question *out) {
    struct one *one = self;
    if (one->was_asked) return false;
    *out = one->question;
    return one->was_asked = true;
}
static enum error_code one_done(void *self, const struct resolve_answer *answer, struct error *e) {
    struct one *one = self;
    struct text text = text_into(one->names, sizeof one->names - 1);
    strs_write(answer->names, answer->name_count, &text);
    one->names[text.len] = 0;
    one->status = answer->status;
    one->addresses = answer->address_count;
    return OK;
}
static struct one ask(const char *resolvers, struct resolve_question question) {
    struct one one = {.question = question};
    struct resolve_options options = {
        .resolvers = str_from_c(resolvers), .timeout_ms = 150, .tries = 2};
    struct resolve_source source = {one_next, &one};
    struct resolve_sink sink = {one_done, &one};
    struct resolve_report report;
    struct error e;
    assert_ok(resolve_run(&options, &source, &sink, &report, &e), &e);
    return one;
}

static void a_truncated_answer_is_asked_again_over_tcp(void **state) {
    unsigned before = dns_server_asked(server, 1);
    struct one one = ask(resolver, (struct resolve_question){.name = STR("big.test")});
    assert_int_equal(one.status, RESOLVE_FOUND);
    assert_int_equal(one.addresses, 100);
    assert_true(dns_server_asked(server, 1) > before);
}

static const char *const beside[] = {"big.test", "a.test", "slow.test", "six.test"};

static bool beside_next(void *self, struct resolve_question *out) {
    size_t *next = self;
    if (*next == COUNT_OF(beside)) return false;
    out->tag = *next;
    out->name = str_from_c(beside[(*next)++]);
    return true;
}

static enum error_code beside_done(void *self, const struct resolve_answer *answer,
                                   struct error *e) {
    bool is_big = answer->tag == 0;
    if (answer->status != (is_big ? RESOLVE_UNREACHABLE : RESOLVE_FOUND))
        fail_msg("%s: %s", beside[answer->tag], resolve_status_text(answer->status));
    return OK;
}

static void names_beside_one_that_wants_tcp_were_lost_where_tcp_is_refused(void **state) {
    struct dns_server *udp_only = dns_server_start_without_tcp(rows, COUNT_OF(rows));
    char at[64];
    snprintf(at, sizeof at, "127.0.0.1:%u", dns_server_port(udp_only));
    size_t next = 0;
    struct resolve_options options = {.resolvers = str_from_c(at), .timeout_ms = 200};
    struct resolve_source source = {beside_next, &next};
    struct resolve_sink sink = {beside_done, &next};
    struct resolve_report report;
    struct error e;
    assert_ok(resolve_run(&options, &source, &sink, &report, &e), &e);
    dns_server_stop(udp_only);
    assert_int_equal(report.asked, COUNT_OF(beside));
}

static void addresses_have_names(void **state) {
    struct resolve_question v4 = {.reverse = {{192, 0, 2, 1}, 4}},
                            v6 = {.reverse = {{0x20, 1, 0xd, 0xb8}, 16}};
    v6.reverse.at[15] = 1;
    struct one one = ask(resolver, v4);
    assert_int_equal(one.status, RESOLVE_FOUND);
    assert_string_equal(one.names, "a.test www.a.test");
    one = ask(resolver, v6);
    assert_string_equal(one.names, "six.test");
    v4.reverse.at[3] = 77;
    assert_int_equal(ask(resolver, v4).status, RESOLVE_NO_NAME);
}

/* A port that was free a moment ago. */
static void nobody_at(char out[64]) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(fd >= 0 && bind(fd, (void *)&at, sizeof at) == 0);
    assert_true(getsockname(fd, (void *)&at, &len) == 0);
    close(fd);
    snprintf(out, 64, "127.0.0.1:%u", ntohs(at.sin_port));
}

static void where_nobody_listens_the_next_resolver_is_asked(void **state) {
    char nobody[64], both[160];
    nobody_at(nobody);
    assert_int_equal(ask(nobody, (struct resolve_question){.name = STR("a.test")}).status,
                     RESOLVE_UNREACHABLE);
    snprintf(both, sizeof both, "%s, %s", nobody, resolver);
    assert_int_equal(ask(both, (struct resolve_question){.name = STR("a.test")}).status,
                     RESOLVE_FOUND);
}

static void what_is_no_resolver_is_refused(void **state) {
    static const char *const wrong[] = {"dns.example.jp", "192.0.2.1:0", "192.0.2.1:65536", "[::1",
                                        "[192.0.2.1]:53", "::1:x]",      "192.0.2.1,",      ","};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct one one = {0};
        struct resolve_options options = {.resolvers = str_from_c(wrong[i])};
        struct resolve_source source = {one_next, &one};
        struct resolve_sink sink = {one_done, &one};
        struct resolve_report report;
        struct error e;
        assert_row(wrong[i], resolve_run(&options, &source, &sink, &report, &e) == FAIL_USAGE);
    }
}

/* ---- many ---- */

enum { MANY = 20000 };
struct many {
    size_t next, told, under_way, under_way_most, stop_at;
    unsigned char was_told[MANY];
    char name[32];
};
static bool many_next(void *self, struct resolve_question *out) {
    struct many *many = self;
    if (many->next == MANY) return false;
    snprintf(many->name, sizeof many->name, "%s%zu.test", many->next % 10 == 9 ? "x" : "n",
             many->next);
    out->name = str_from_c(many->name);
    out->tag = many->next++;
    if (++many->under_way > many->under_way_most) many->under_way_most = many->under_way;
    return true;
}
static enum error_code many_done(void *self, const struct resolve_answer *answer, struct error *e) {
    struct many *many = self;
    assert_int_equal(many->was_told[answer->tag]++, 0);
    assert_int_equal(answer->status, answer->tag % 10 == 9 ? RESOLVE_NO_NAME : RESOLVE_FOUND);
    many->under_way--;
    if (++many->told == many->stop_at) return error_set(e, FAIL_STOPPING, "enough");
    return OK;
}

static void of_twenty_thousand_names_each_is_told_once(void **state) {
    static struct many many;
    struct resolve_options options = {.resolvers = str_from_c(resolver), .parallel = 100};
    struct resolve_source source = {many_next, &many};
    struct resolve_sink sink = {many_done, &many};
    struct resolve_report report;
    struct error e;
    assert_ok(resolve_run(&options, &source, &sink, &report, &e), &e);
    assert_int_equal(many.told, MANY);
    assert_int_equal(many.under_way_most, 100); /* no more were taken than there is room for */
    assert_int_equal(report.by_status[RESOLVE_FOUND], MANY - MANY / 10);
    assert_int_equal(report.queries, 2 * MANY);
}

static void the_sink_can_end_it_with_names_under_way(void **state) {
    static struct many many;
    many.stop_at = 1000;
    struct resolve_options options = {.resolvers = str_from_c(resolver), .parallel = 64};
    struct resolve_source source = {many_next, &many};
    struct resolve_sink sink = {many_done, &many};
    struct resolve_report report;
    struct error e;
    assert_int_equal(resolve_run(&options, &source, &sink, &report, &e), FAIL_STOPPING);
    assert_int_equal(many.told, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_manner_is_told_as_what_it_is),
        cmocka_unit_test(a_truncated_answer_is_asked_again_over_tcp),
        cmocka_unit_test(names_beside_one_that_wants_tcp_were_lost_where_tcp_is_refused),
        cmocka_unit_test(addresses_have_names),
        cmocka_unit_test(where_nobody_listens_the_next_resolver_is_asked),
        cmocka_unit_test(what_is_no_resolver_is_refused),
        cmocka_unit_test(of_twenty_thousand_names_each_is_told_once),
        cmocka_unit_test(the_sink_can_end_it_with_names_under_way),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
