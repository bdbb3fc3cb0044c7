/* What a power cut may leave of a tape: the rules that every crash test stands on. */
#include "tests/lab/image.h"

#include "tests/test.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    return remove(path);
}

static int begin(void **state) {
    strcpy(folder, "/tmp/azekura-image-XXXXXX");
    if (mkdtemp(folder) == NULL) return 1;
    *state = image_new();
    return 0;
}

static int end(void **state) {
    image_free(*state);
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void happens(struct image *image, enum tape_kind kind, uint64_t object, const char *name,
                    uint64_t a, const char *data) {
    image_apply(image, &(struct tape_record){.kind = kind,
                                             .object = object,
                                             .a = a,
                                             .name = name,
                                             .name_len = strlen(name),
                                             .data = data,
                                             .data_len = strlen(data)});
}

/* The file's bytes after such a cut; "-" when it is not there. */
static const char *left(struct image *image, enum image_cut cut, const char *name) {
    static char text[4096];
    char path[128];
    digest what;
    struct random_seeded random;
    random_seed(&random, 1);
    image_build(image, cut, &random, folder, &what);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) return "-";
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static void bytes_need_a_sync_and_names_one_of_their_folder(void **state) {
    struct image *image = *state;
    happens(image, TAPE_CREATE, 1, "f", 0, "");
    happens(image, TAPE_WRITE, 1, "", 0, "one");
    assert_string_equal(left(image, CUT_NOTHING, "f"), "-");
    assert_string_equal(left(image, CUT_ALL, "f"), "one");
    assert_string_equal(left(image, CUT_NAMES, "f"), ""); /* the file of no length */
    assert_string_equal(left(image, CUT_BYTES, "f"), "-");
    happens(image, TAPE_SYNC, 1, "", 0, "");
    assert_string_equal(left(image, CUT_NOTHING, "f"), "-"); /* nobody synced the folder */
    assert_string_equal(left(image, CUT_NAMES, "f"), "one");
    happens(image, TAPE_DIR_SYNC, 0, "", 0, "");
    assert_string_equal(left(image, CUT_NOTHING, "f"), "one");
    happens(image, TAPE_WRITE, 1, "", 3, " two");
    assert_string_equal(left(image, CUT_NOTHING, "f"), "one");
    assert_string_equal(left(image, CUT_ALL, "f"), "one two");
}

static void a_rename_is_the_old_or_the_new(void **state) {
    struct image *image = *state;
    happens(image, TAPE_CREATE, 1, "f", 0, "");
    happens(image, TAPE_WRITE, 1, "", 0, "old");
    happens(image, TAPE_SYNC, 1, "", 0, "");
    happens(image, TAPE_DIR_SYNC, 0, "", 0, "");
    happens(image, TAPE_CREATE, 2, "f.new", 0, "");
    happens(image, TAPE_WRITE, 2, "", 0, "new");
    happens(image, TAPE_SYNC, 2, "", 0, "");
    happens(image, TAPE_RENAME, 0, "f.new", 0, "f");
    assert_string_equal(left(image, CUT_NOTHING, "f"), "old");
    assert_string_equal(left(image, CUT_ALL, "f"), "new");
    assert_string_equal(left(image, CUT_ALL, "f.new"), "-");
    happens(image, TAPE_DIR_SYNC, 0, "", 0, "");
    assert_string_equal(left(image, CUT_NOTHING, "f"), "new");
}

static void a_nameless_file_lives_by_its_link(void **state) {
    struct image *image = *state;
    happens(image, TAPE_MKDIR, 0, "d", 0, "");
    happens(image, TAPE_NAMELESS, 1, "", 0, "");
    happens(image, TAPE_WRITE, 1, "", 0, "body");
    happens(image, TAPE_SYNC, 1, "", 0, "");
    happens(image, TAPE_LINK, 1, "d/f", 0, "");
    happens(image, TAPE_DIR_SYNC, 0, "d", 0, "");
    assert_string_equal(left(image, CUT_NOTHING, "d/f"),
                        "-"); /* the folder itself is not durable */
    happens(image, TAPE_DIR_SYNC, 0, "", 0, "");
    assert_string_equal(left(image, CUT_NOTHING, "d/f"), "body");
    happens(image, TAPE_UNLINK, 0, "d/f", 0, "");
    assert_string_equal(left(image, CUT_NOTHING, "d/f"), "body");
    assert_string_equal(left(image, CUT_ALL, "d/f"), "-");
}

static void some_is_between_nothing_and_all(void **state) {
    struct image *image = *state;
    static char old[2049], new[2049];
    memset(old, 'o', 2048);
    memset(new, 'n', 2048);
    happens(image, TAPE_CREATE, 1, "f", 0, "");
    happens(image, TAPE_WRITE, 1, "", 0, old);
    happens(image, TAPE_SYNC, 1, "", 0, "");
    happens(image, TAPE_DIR_SYNC, 0, "", 0, "");
    happens(image, TAPE_WRITE, 1, "", 0, new);
    struct random_seeded random;
    random_seed(&random, 7);
    int mixed = 0;
    for (int i = 0; i < 100; i++) {
        digest what;
        char path[128], bytes[2048];
        image_build(image, CUT_SOME, &random, folder, &what);
        snprintf(path, sizeof path, "%s/f", folder);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        assert_int_equal(fread(bytes, 1, sizeof bytes, file), 2048);
        fclose(file);
        int fresh = 0;
        for (int sector = 0; sector < 4; sector++) { /* sectors are whole */
            for (int at = 1; at < 512; at++)
                assert_int_equal(bytes[sector * 512 + at], bytes[sector * 512]);
            fresh += bytes[sector * 512] == 'n';
        }
        mixed += fresh > 0 && fresh < 4;
    }
    assert_in_range(mixed, 10, 90);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_need_a_sync_and_names_one_of_their_folder, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_rename_is_the_old_or_the_new, begin, end),
        cmocka_unit_test_setup_teardown(a_nameless_file_lives_by_its_link, begin, end),
        cmocka_unit_test_setup_teardown(some_is_between_nothing_and_all, begin, end),
    };
    return cmocka_run_group_tests_name("what a power cut leaves", tests, NULL, NULL);
}
