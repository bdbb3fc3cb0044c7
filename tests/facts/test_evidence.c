/* A declared place against what the machine says: agreement leaves it declared, one contradiction
 * makes it unknown, silence is nothing. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts/inner.h"
#include "tests/test.h"

/* ---- a metadata service of our own ---- */

struct stub {
    int listener, port;
    pthread_t thread;
    const char *const (*answers)[2]; /* path starts, body; ends with NULL; the first that fits */
    unsigned asked;
    bool saw_token;
};

static void stub_answer(struct stub *stub, int fd) {
    char head[4096], reply[1024];
    size_t used = 0;
    while (used < sizeof head - 1 && (used < 4 || strstr(head, "\r\n\r\n") == NULL)) {
        ssize_t got = recv(fd, head + used, sizeof head - 1 - used, 0);
        if (got <= 0) return;
        used += (size_t)got;
        head[used] = 0;
    }
    const char *path = strchr(head, ' ') + 1, *body = NULL;
    stub->asked++;
    if (strstr(head, "token: secret-token") != NULL) stub->saw_token = true;
    for (size_t i = 0; stub->answers[i][0] != NULL && body == NULL; i++)
        if (strncmp(path, stub->answers[i][0], strlen(stub->answers[i][0])) == 0)
            body = stub->answers[i][1];
    int len = snprintf(reply, sizeof reply, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
                       body != NULL ? "200 OK" : "404 Not Found", body != NULL ? strlen(body) : 0,
                       body != NULL ? body : "");
    assert_true(send(fd, reply, (size_t)len, MSG_NOSIGNAL) == len);
}

static void *stub_run(void *argument) {
    struct stub *stub = argument;
    for (;;) {
        int fd = accept(stub->listener, NULL, NULL);
        if (fd < 0) return NULL;
        stub_answer(stub, fd);
        close(fd);
    }
}

static void stub_open(struct stub *stub, const char *const (*answers)[2]) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    *stub = (struct stub){.listener = socket(AF_INET, SOCK_STREAM, 0), .answers = answers};
    assert_true(stub->listener >= 0);
    assert_int_equal(bind(stub->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(stub->listener, 8), 0);
    assert_int_equal(getsockname(stub->listener, (struct sockaddr *)&at, &len), 0);
    stub->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&stub->thread, NULL, stub_run, stub), 0);
}

static void stub_close(struct stub *stub) {
    shutdown(stub->listener, SHUT_RDWR);
    pthread_join(stub->thread, NULL);
    close(stub->listener);
}

/* ---- a machine of our own ---- */

static char dmi_dir[] = "/tmp/azekura-dmi-XXXXXX";
static struct register_snapshot *snapshot;
static char memory[1 << 20];

static void string_write(const char *name, const char *text) {
    char path[200];
    snprintf(path, sizeof path, "%s/%s", dmi_dir, name);
    unlink(path);
    if (text == NULL) return;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "%s\n", text);
    fclose(f);
}

static const char yaml[] =
    "sites:\n"
    "  - {id: tokyo, country: JP}\n"
    "  - {id: tokyo-aws, country: JP, cloud: {provider: aws, region: ap-northeast-1}}\n"
    "  - {id: osaka-gcp, country: JP, cloud: {provider: gcp, region: asia-northeast2}}\n"
    "  - {id: undeclared}\n"
    "  - {id: measured, country: {value: JP, by: measured}}\n"
    "  - {id: aws.us-east-1, country: US, cloud: {provider: aws, region: us-east-1}}\n"
    "  - {id: aws.ap-northeast-3, country: JP, cloud: {provider: aws, region: ap-northeast-3}}\n"
    "  - {id: azure.japaneast, country: JP, cloud: {provider: azure, region: japaneast}}\n"
    "  - {id: gcp.us-east1, country: US, cloud: {provider: gcp, region: us-east1}}\n";

static int begin(void **state) {
    struct register_text text = {STR("r.yaml"), str_from_c(yaml)};
    struct error e;
    assert_ok(register_load_texts(&text, 1, &snapshot, NULL, &e), &e);
    assert_non_null(mkdtemp(dmi_dir));
    return 0;
}
static int end(void **state) {
    register_release(snapshot);
    return rmdir(dmi_dir);
}

#define TOKEN                                                                                      \
    { "/latest/api/token", "secret-token" }
static const char *const aws_virginia[][2] = {
    TOKEN, {"/latest/meta-data/placement/region", "us-east-1"}, {NULL, NULL}};
static const char *const aws_tokyo[][2] = {
    TOKEN, {"/latest/meta-data/placement/region", "ap-northeast-1\n"}, {NULL, NULL}};
static const char *const aws_osaka[][2] = {
    TOKEN, {"/latest/meta-data/placement/region", "ap-northeast-3"}, {NULL, NULL}};
static const char *const aws_zone[][2] = {
    {"/latest/meta-data/placement/availability-zone", "us-east-1c"}, {NULL, NULL}};
static const char *const aws_document[][2] = {
    {"/latest/dynamic/instance-identity/document",
     "{\"accountId\": \"1\", \"region\": \"us-east-1\", \"marketplaceProductCodes\": null}"},
    {NULL, NULL}};
static const char *const aws_moon[][2] = {{"/latest/meta-data/placement/region", "moon-north-1"},
                                          {NULL, NULL}};
static const char *const azure_tokyo[][2] = {{"/metadata/instance/compute/location", "JapanEast"},
                                             {NULL, NULL}};
static const char *const gcp_carolina[][2] = {
    {"/computeMetadata/v1/instance/zone", "projects/12/zones/us-east1-b"}, {NULL, NULL}};
static const char *const nothing[][2] = {{NULL, NULL}};

static const struct {
    const char *name, *site, *vendor, *product;
    const char *const (*answers)[2]; /* NULL: no service */
    bool contradicted;
    const char *standing, *line; /* the standing begins so; some line holds that */
} cases[] = {
    {"bare metal", "tokyo", "Dell Inc.", "PowerEdge", NULL, false, "declared, nothing",
     "name no cloud"},
    {"no strings", "tokyo", NULL, NULL, NULL, false, "declared, nothing", "no DMI strings"},
    {"Tokyo says Virginia", "tokyo", "Amazon EC2", "m5.large", aws_virginia, true,
     "contradicted: ", "aws us-east-1, which the register places in US"},
    {"as declared", "tokyo-aws", "Amazon EC2", "m5.large", aws_tokyo, false, "declared, nothing",
     "as the row does"},
    {"another region of the country", "tokyo-aws", "Amazon EC2", "m5.large", aws_osaka, true,
     "contradicted: ", "ap-northeast-3"},
    {"same country", "tokyo", "Amazon EC2", "m5.large", aws_osaka, false, "declared, nothing",
     "places in JP"},
    {"somebody's Xen", "tokyo", "Xen", "HVM domU", NULL, false, "declared, nothing",
     "name no cloud"},
    {"only a zone, Amazon", "tokyo", "Amazon EC2", "x", aws_zone, true,
     "contradicted: ", "us-east-1"},
    {"only a document", "tokyo", "Amazon EC2", "x", aws_document, true,
     "contradicted: ", "us-east-1"},
    {"a region nobody placed", "tokyo", "Amazon EC2", "x", aws_moon, false, "declared, nothing",
     "no row of sites places"},
    {"it names none", "tokyo", "Amazon EC2", "x", nothing, false, "declared, nothing",
     "does not say where: it names no region"},
    {"Azure in Tokyo", "tokyo", "Microsoft Corporation", "Virtual Machine", azure_tokyo, false,
     "declared, nothing", "azure japaneast"},
    {"Google in Carolina", "tokyo", "Google", "Google Compute Engine", gcp_carolina, true,
     "contradicted: ", "gcp us-east1"},
    {"another provider than declared", "osaka-gcp", "Amazon EC2", "x", aws_osaka, true,
     "contradicted: ", "the register says gcp"},
    {"nothing was declared", "undeclared", "Amazon EC2", "x", aws_virginia, false, "not declared",
     "us-east-1"},
    {"measured", "measured", "Dell Inc.", "x", NULL, false, "measured, nothing", "name no cloud"},
};

static bool some_line_has(const struct facts_evidence *evidence, const char *part) {
    for (size_t i = 0; i < evidence->count; i++)
        if (strstr(evidence->lines[i].text.at, part) != NULL) return true;
    return false;
}

static void what_the_machine_says_is_held_against_the_row(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct facts_evidence evidence;
        struct stub stub;
        struct error e;
        char url[64] = "off";
        string_write("sys_vendor", cases[i].vendor);
        string_write("product_name", cases[i].product);
        if (cases[i].answers != NULL) {
            stub_open(&stub, cases[i].answers);
            snprintf(url, sizeof url, "http://127.0.0.1:%d", stub.port);
        }
        struct facts_evidence_options options = {.snapshot = snapshot,
                                                 .site = str_from_c(cases[i].site),
                                                 .dmi_dir = dmi_dir,
                                                 .metadata_url = url};
        assert_ok(facts_evidence_gather(&options, &arena, &evidence, &e), &e);
        if (cases[i].answers != NULL) {
            stub_close(&stub);
            assert_row(cases[i].name, stub.asked > 0);
        }
        assert_row(cases[i].name, evidence.contradicted == cases[i].contradicted);
        assert_row(cases[i].name, (evidence.finding.len > 0) == cases[i].contradicted);
        assert_row(cases[i].name, str_starts(evidence.standing, str_from_c(cases[i].standing)));
        if (!some_line_has(&evidence, cases[i].line)) {
            for (size_t l = 0; l < evidence.count; l++)
                print_error("%.*s\n", STR_FMT(evidence.lines[l].text));
            fail_msg("row \"%s\": no line has \"%s\"", cases[i].name, cases[i].line);
        }
    }
    string_write("sys_vendor", NULL);
    string_write("product_name", NULL);
}

static struct facts_evidence gathered(const char *dmi, const char *url, struct arena *arena) {
    struct facts_evidence evidence;
    struct error e;
    struct facts_evidence_options options = {
        .snapshot = snapshot, .site = STR("tokyo"), .dmi_dir = dmi, .metadata_url = url};
    assert_ok(facts_evidence_gather(&options, arena, &evidence, &e), &e);
    return evidence;
}

static void the_service_is_asked_only_where_strings_name_a_cloud(void **state) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct stub stub;
    char url[64];
    stub_open(&stub, aws_virginia);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", stub.port);
    string_write("sys_vendor", "Dell Inc.");
    assert_false(gathered(dmi_dir, url, &arena).contradicted);
    assert_int_equal(stub.asked, 0);
    string_write("sys_vendor", "Amazon EC2");
    assert_false(gathered(dmi_dir, "off", &arena).contradicted);
    assert_int_equal(stub.asked, 0);
    assert_true(gathered(dmi_dir, url, &arena).contradicted);
    assert_true(stub.saw_token);
    /* strings switched off, an address given: it is asked in each provider's way */
    assert_true(gathered("off", url, &arena).contradicted);
    struct facts_evidence silent = gathered("off", "off", &arena);
    assert_int_equal(silent.count, 0);
    assert_str(silent.standing, STR("declared, nothing speaks against it"));
    string_write("sys_vendor", NULL);
    stub_close(&stub);
}

static void a_service_that_is_not_there_is_silence(void **state) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct stub stub;
    char url[64];
    stub_open(&stub, nothing);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", stub.port);
    stub_close(&stub); /* nobody listens there any more */
    string_write("sys_vendor", "Amazon EC2");
    struct facts_evidence evidence = gathered(dmi_dir, url, &arena);
    assert_false(evidence.contradicted);
    assert_true(some_line_has(&evidence, "does not say where"));
    string_write("sys_vendor", NULL);
}

static void own_addresses_are_looked_at_when_asked(void **state) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct facts_evidence evidence;
    struct error e;
    struct facts_evidence_options options = {.snapshot = snapshot,
                                             .site = STR("tokyo"),
                                             .dmi_dir = "off",
                                             .metadata_url = "off",
                                             .own_addresses = true};
    assert_ok(facts_evidence_gather(&options, &arena, &evidence, &e), &e);
    assert_true(evidence.count > 0);
    for (size_t i = 0; i < evidence.count; i++)
        assert_str(evidence.lines[i].source, STR("address"));
    options.site = STR("nowhere");
    assert_int_equal(facts_evidence_gather(&options, &arena, &evidence, &e), FAIL_NOT_FOUND);
}

static const struct {
    const char *answer;
    bool is_zone;
    const char *region; /* NULL: none */
} answers[] = {
    {"us-east-1", false, "us-east-1"},
    {"  us-east-1 \n", false, "us-east-1"},
    {"us-east-1a", true, "us-east-1"},
    {"projects/1/zones/asia-northeast1-c", true, "asia-northeast1"},
    {"JapanEast", false, "japaneast"},
    {"{\"region\": \"eu-west-1\"}", false, "eu-west-1"},
    {"{\"region\": [1]}", false, NULL},
    {"{\"zone\": \"x\"}", false, NULL},
    {"{", false, NULL},
    {"", false, NULL},
    {"<html>", false, NULL},
    {"a/", false, NULL},
    {"us east", false, NULL},
    {"0123456789012345678901234567890123456789012345678901234567890123456789", false, NULL},
};

static void regions_are_read_out_of_answers(void **state) {
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        str region;
        bool found =
            cloud_region_read(str_from_c(answers[i].answer), answers[i].is_zone, &arena, &region);
        assert_row(answers[i].answer, found == (answers[i].region != NULL));
        if (found) assert_str(region, str_from_c(answers[i].region));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_machine_says_is_held_against_the_row),
        cmocka_unit_test(the_service_is_asked_only_where_strings_name_a_cloud),
        cmocka_unit_test(a_service_that_is_not_there_is_silence),
        cmocka_unit_test(own_addresses_are_looked_at_when_asked),
        cmocka_unit_test(regions_are_read_out_of_answers),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
