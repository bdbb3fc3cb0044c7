/* Machines that say they stand in somebody's cloud, and the metadata services that say in which
 * region. Which country a region is in is not known here: the register's rows of sites say so.
 * Source: the providers' documentation: EC2 instance metadata service version 2 and instance
 * identity; Azure Instance Metadata Service; Compute Engine metadata server; SMBIOS strings as
 * systemd-detect-virt and cloud-init read them. */
#include "doc/doc.h"
#include "facts/inner.h"
#include "http/http.h"

#include <stdio.h>

struct cloud {
    const char *name;
    const char *strings[3]; /* any of them in the DMI strings */
    struct {
        const char *path, *header, *value, *give_as; /* PUT; path NULL: no token is needed */
    } token;
    const char *header, *value; /* of every question; NULL: none */
    struct {
        const char *path;
        bool is_zone;
    } asks[3]; /* in this order until one answers */
};

static const struct cloud clouds[] = {
    {.name = "aws",
     .strings = {"Amazon EC2", "amazon"},
     .token = {"/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "60",
               "X-aws-ec2-metadata-token"},
     .asks = {{"/latest/meta-data/placement/region", false},
              {"/latest/meta-data/placement/availability-zone", true},
              {"/latest/dynamic/instance-identity/document", false}}},
    {.name = "azure",
     .strings = {"7783-7084-3265-9085-8269-3286-77", "Microsoft Corporation\nVirtual Machine\n"},
     .header = "Metadata",
     .value = "true",
     .asks = {{"/metadata/instance/compute/location?api-version=2021-02-01&format=text", false}}},
    {.name = "gcp",
     .strings = {"Google Compute Engine"},
     .header = "Metadata-Flavor",
     .value = "Google",
     .asks = {{"/computeMetadata/v1/instance/zone", true}}},
};

const struct cloud *cloud_at(size_t index) {
    return index < COUNT_OF(clouds) ? &clouds[index] : NULL;
}

const char *cloud_name(const struct cloud *cloud) {
    return cloud->name;
}

const struct cloud *cloud_of_strings(str strings) {
    size_t at;
    for (size_t i = 0; i < COUNT_OF(clouds); i++)
        for (size_t s = 0; s < COUNT_OF(clouds[i].strings) && clouds[i].strings[s] != NULL; s++)
            if (str_find(strings, str_from_c(clouds[i].strings[s]), &at)) return &clouds[i];
    return NULL;
}

/* ---- answers ---- */

static bool json_region(str answer, struct arena *arena, str *out) {
    struct doc doc;
    struct arena docs = *arena;
    size_t half = arena_left(&docs) / 2;
    struct arena scratch = arena_over(docs.next + half, half);
    struct error ignored;
    docs.end = docs.next + half;
    if (doc_read_yaml(STR("metadata"), answer, &docs, scratch, &doc, &ignored) != OK) return false;
    if (doc.count != 1) return false;
    const struct doc_node *region = doc_map_find(doc.documents[0], STR("region"));
    if (region == NULL || region->kind != DOC_SCALAR) return false;
    return arena_copy(arena, region->text, out, &ignored) == OK;
}

static bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

bool cloud_region_read(str answer, bool is_zone, struct arena *arena, str *region) {
    enum { REGION_BYTES = 64 };
    str word = answer, head;
    while (word.len > 0 && (unsigned char)word.at[word.len - 1] <= ' ') word.len--;
    word = str_trim(word);
    if (str_starts(word, STR("{")) && !json_region(word, arena, &word)) return false;
    while (str_cut(&word, '/', &head)) {
    }
    if (word.len == 0 || word.len > REGION_BYTES) return false;
    char small[REGION_BYTES];
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c | 0x20);
        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '-') return false;
        small[i] = c;
    }
    size_t len = word.len;
    if (is_zone && len > 2 && is_letter(small[len - 1])) {
        if (small[len - 2] == '-')
            len -= 2;
        else if (!is_letter(small[len - 2]))
            len -= 1;
    }
    struct error ignored;
    return arena_copy(arena, str_of(small, len), region, &ignored) == OK;
}

/* ---- asking ---- */

enum { ANSWER_BYTES = 16384 };

static enum error_code ask(struct http_client *client, enum http_method method, const char *base,
                           const char *path, const struct http_header *headers, size_t header_count,
                           int64_t deadline_ns, struct arena *arena, str *answer, struct error *e) {
    char url[1024];
    struct http_response_head head;
    int len = snprintf(url, sizeof url, "%s%s", base, path);
    if (len < 0 || (size_t)len >= sizeof url)
        return error_set(e, FAIL_LIMIT, "the metadata service's address is too long");
    struct http_client_request request = {.method = method,
                                          .url = str_of(url, (size_t)len),
                                          .headers = headers,
                                          .header_count = header_count,
                                          .deadline_ns = deadline_ns};
    TRY(http_client_fetch(client, &request, ANSWER_BYTES, arena, &head, answer, e));
    if (head.status == 200) return OK;
    return error_set(e, FAIL_NOT_FOUND, "it answers %d", head.status);
}

/* The token, where one is given; an older service has none and answers without. */
static enum error_code token_ask(struct http_client *client, const struct cloud *cloud,
                                 const char *base, int64_t deadline_ns, struct arena *arena,
                                 str *token, struct error *e) {
    struct http_header ttl = {str_from_c(cloud->token.header), str_from_c(cloud->token.value)};
    *token = STR_EMPTY;
    if (cloud->token.path == NULL) return OK;
    enum error_code code =
        ask(client, HTTP_PUT, base, cloud->token.path, &ttl, 1, deadline_ns, arena, token, e);
    if (code != FAIL_NOT_FOUND) return code;
    *token = STR_EMPTY;
    return OK;
}

static enum error_code region_ask(struct http_client *client, const struct cloud *cloud,
                                  const char *base, int64_t deadline_ns, struct arena *arena,
                                  str *region, struct error *e) {
    struct http_header headers[2];
    size_t header_count = 0;
    str token, answer;
    TRY(token_ask(client, cloud, base, deadline_ns, arena, &token, e));
    if (token.len > 0)
        headers[header_count++] =
            (struct http_header){str_from_c(cloud->token.give_as), str_trim(token)};
    if (cloud->header != NULL)
        headers[header_count++] =
            (struct http_header){str_from_c(cloud->header), str_from_c(cloud->value)};
    for (size_t i = 0; i < COUNT_OF(cloud->asks) && cloud->asks[i].path != NULL; i++) {
        enum error_code code = ask(client, HTTP_GET, base, cloud->asks[i].path, headers,
                                   header_count, deadline_ns, arena, &answer, e);
        if (code == OK && cloud_region_read(answer, cloud->asks[i].is_zone, arena, region))
            return OK;
        if (code != OK && code != FAIL_NOT_FOUND) return code;
    }
    return error_set(e, FAIL_NOT_FOUND, "it names no region");
}

enum error_code cloud_region_ask(const struct cloud *cloud, const char *base, int64_t deadline_ns,
                                 struct arena *arena, str *region, struct error *e) {
    struct http_client_options options = {.without_tls = true};
    struct http_client *client;
    TRY(http_client_open(&options, &client, e));
    enum error_code code = region_ask(client, cloud, base != NULL ? base : "http://169.254.169.254",
                                      deadline_ns, arena, region, e);
    http_client_close(client);
    return code;
}
