/* azekura user, azekura key: identities, through the door. */
#include "app/commands.h"
#include "app/reach/call.h"

#include <stdio.h>

static int finish(struct call *call, const char *said) {
    if (call_wants_json(call))
        call_print_json(call);
    else
        printf("%s (entry %s)\n", said, call_text(call, "receipt"));
    call_end(call);
    return 0;
}

static int fail(struct call *call) {
    call_end(call);
    return 1;
}

static void user_print(const json_t *user) {
    size_t i;
    json_t *row;
    const char *until = json_string_value(json_object_get(user, "until"));
    printf("%s%s%s%s\n", json_string_value(json_object_get(user, "user")),
           until != NULL ? "  inspector until " : "", until != NULL ? until : "",
           json_is_true(json_object_get(user, "enabled")) ? "" : "  (disabled)");
    json_array_foreach(json_object_get(user, "grants"), i, row) {
        printf("  may %s in %s\n", json_string_value(json_object_get(row, "rights")),
               json_string_value(json_object_get(row, "bucket")));
    }
    json_array_foreach(json_object_get(user, "keys"), i, row) {
        printf("  key %s%s\n", json_string_value(json_object_get(row, "access_key")),
               json_is_true(json_object_get(row, "enabled")) ? "" : "  (disabled)");
    }
}

static int list(struct call *call) {
    size_t i;
    json_t *user;
    if (!call_run(call, "identity/list")) return fail(call);
    if (call_wants_json(call)) {
        call_print_json(call);
    } else {
        json_array_foreach(json_object_get(call->reply, "users"), i, user) {
            user_print(user);
        }
    }
    call_end(call);
    return 0;
}

static int enable(struct call *call, const char *method, const char *field, const char *which,
                  bool enabled) {
    call_put(call, field, which);
    json_object_set_new(call->request, "enabled", json_boolean(enabled));
    if (!call_run(call, method)) return fail(call);
    return finish(call, enabled ? "enabled" : "disabled");
}

int command_user(int argc, char **argv) {
    struct call call = {0};
    const char *role = NULL, *until = NULL;
    const struct option options[] = {
        {"role", OPTION_TEXT, &role, "inspector",
         "of a new user: reads for a time, and changes nothing but by `azekura inspect`"},
        {"until", OPTION_TEXT, &until, "TIME", "of an inspector: refused from then on"},
        CALL_OPTIONS(call),
        {0}};
    const struct command_line line = {
        .command = "azekura user",
        .synopsis = "add USER [--role inspector --until TIME] | extend USER --until TIME | list | "
                    "disable USER | enable USER | grant USER BUCKET RIGHTS",
        .about =
            "Users and what they may do. RIGHTS are words joined by commas: read write list "
            "delete\n"
            "create-bucket admin inspect, or all, or none. BUCKET may hold *. Each change is an\n"
            "entry of the ledger. An inspector sees the ledger, the register, the rulebooks and\n"
            "proofs until that time; objects only where granted read or list; each look is an "
            "entry.",
        .examples = "  azekura user add tanaka\n"
                    "  azekura user grant tanaka 'grid-*' read,list\n"
                    "  azekura user add inspector-sato --role inspector --until 2026-12-01\n"
                    "  azekura user extend inspector-sato --until 2026-12-15\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 4};
    const char *words[5];
    int ended;
    if (!options_read(&line, argc, argv, words, 5, &ended)) return ended;
    if (!call_begin(&call, line.command)) return 1;
    str verb = str_from_c(words[0]);
    if (str_equal(verb, STR("list")) && words[1] == NULL) return list(&call);
    if (words[1] != NULL && words[2] == NULL) {
        if (str_equal(verb, STR("disable")))
            return enable(&call, "user/enable", "user", words[1], false);
        if (str_equal(verb, STR("enable")))
            return enable(&call, "user/enable", "user", words[1], true);
        if (str_equal(verb, STR("add"))) {
            call_put(&call, "user", words[1]);
            call_put(&call, "role", role);
            call_put(&call, "until", until);
            return call_run(&call, "user/add") ? finish(&call, "added") : fail(&call);
        }
    }
    if (str_equal(verb, STR("extend")) && words[1] != NULL && words[2] == NULL) {
        call_put(&call, "user", words[1]);
        call_put(&call, "until", until);
        return call_run(&call, "user/extend") ? finish(&call, "extended") : fail(&call);
    }
    if (str_equal(verb, STR("grant")) && words[1] != NULL && words[2] != NULL && words[3] != NULL) {
        call_put(&call, "user", words[1]);
        call_put(&call, "bucket", words[2]);
        call_put(&call, "rights", strcmp(words[3], "none") == 0 ? "" : words[3]);
        return call_run(&call, "grant") ? finish(&call, "granted") : fail(&call);
    }
    fprintf(stderr, "azekura user: expected %s\n", line.synopsis);
    call_end(&call);
    return EXIT_USAGE;
}

static int key_add(struct call *call, const char *user) {
    call_put(call, "user", user);
    if (!call_run(call, "key/add")) return fail(call);
    if (call_wants_json(call))
        call_print_json(call);
    else
        printf("access_key=%s\nsecret_key=%s\n", call_text(call, "access_key"),
               call_text(call, "secret_key"));
    call_end(call);
    return 0;
}

int command_key(int argc, char **argv) {
    struct call call = {0};
    const struct option options[] = {CALL_OPTIONS(call), {0}};
    const struct command_line line = {
        .command = "azekura key",
        .synopsis = "add USER | list | disable KEY | enable KEY | grant USER BUCKET RIGHTS",
        .about = "Access keys. `add` prints the secret once; it is kept encrypted and never shown "
                 "again.",
        .examples = "  azekura key add tanaka > tanaka.credentials\n"
                    "  azekura key disable AZ0123456789ABCDEFGH\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 4};
    const char *words[5];
    int ended;
    if (!options_read(&line, argc, argv, words, 5, &ended)) return ended;
    if (strcmp(words[0], "grant") == 0) return command_user(argc, argv);
    if (!call_begin(&call, line.command)) return 1;
    str verb = str_from_c(words[0]);
    if (str_equal(verb, STR("list")) && words[1] == NULL) return list(&call);
    if (words[1] != NULL && words[2] == NULL) {
        if (str_equal(verb, STR("add"))) return key_add(&call, words[1]);
        if (str_equal(verb, STR("disable")))
            return enable(&call, "key/enable", "access_key", words[1], false);
        if (str_equal(verb, STR("enable")))
            return enable(&call, "key/enable", "access_key", words[1], true);
    }
    fprintf(stderr, "azekura key: expected %s\n", line.synopsis);
    call_end(&call);
    return EXIT_USAGE;
}
