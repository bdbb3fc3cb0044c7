/* The officially assigned codes of ISO 3166-1 alpha-2, in order: data, not policy. */
#include "geo/geo.h"

static const char codes[] =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCM"
    "CNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGY"
    "HKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMF"
    "MGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARE"
    "RORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZ"
    "VAVCVEVGVIVNVUWFWSYEYTZAZMZW";
_Static_assert(sizeof codes - 1 == GEO_COUNTRIES * 2, "ISO 3166-1 assigns 249 codes");

geo_country geo_country_nth(size_t n) {
    assert(n < GEO_COUNTRIES);
    return (geo_country){{codes[2 * n], codes[2 * n + 1]}};
}

bool geo_country_read(str code, geo_country *out) {
    if (code.len != 2) return false;
    size_t low = 0, high = sizeof codes / 2; /* asked a million times while a table is compiled */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(codes + 2 * middle, code.at, 2);
        if (order == 0) {
            memcpy(out->at, code.at, 2);
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
