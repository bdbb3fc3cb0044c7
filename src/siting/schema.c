/* JSON Schema of a file of events. Source: json-schema.org/draft/2020-12 (core, validation). */
#include "siting/siting.h"

static const char head[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":\"Azekura events\","
    "\"description\":\"What may strike several sites at once, how often, and what it does. YAML or "
    "JSON.\","
    "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"events\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/event\"}},"
    "\"groups\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/group\"}},"
    "\"fragility\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/fragility\"}},"
    "\"within\":{\"$ref\":\"#/$defs/codes\",\"description\":\"groups, such as country:JP, outside "
    "of which nothing "
    "of this file reaches\"},"
    "\"hazards\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/hazard\"}},"
    "\"background\":{\"type\":\"string\",\"minLength\":1,\"description\":\"grade with which each "
    "site's own quakes strike it alone, as often as quake_30y says; without it there are none\"},"
    "\"note\":{\"type\":\"string\"}},\"$defs\":{"
    "\"p\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},"
    "\"hours\":{\"type\":\"number\",\"minimum\":0},"
    "\"codes\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":1}},"
    "\"name\":{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"object\",\"properties\":{\"en\":{"
    "\"type\":\"string\"},"
    "\"ja\":{\"type\":\"string\"}},\"additionalProperties\":false}]},";

static const char rates[] =
    "\"rate\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1000,\"description\":\"a year; "
    "or rate_lo and rate_hi, or p30_lo and p30_hi\"},"
    "\"rate_lo\":{\"type\":\"number\",\"minimum\":0},\"rate_hi\":{\"type\":"
    "\"number\",\"minimum\":0},"
    "\"p30_lo\":{\"type\":\"number\",\"minimum\":0,\"maximum\":0.9999,"
    "\"description\":\"probability in 30 years\"},"
    "\"p30_hi\":{\"type\":\"number\",\"minimum\":0,\"maximum\":0.9999},";

static const char one_rate[] =
    "\"allOf\":[{\"oneOf\":[{\"required\":[\"rate\"]},{\"required\":[\"rate_lo\",\"rate_hi\"]},"
    "{\"required\":[\"p30_lo\",\"p30_hi\"]}]}]";

static const char common[] = "\"id\":{\"type\":\"string\",\"minLength\":1},\"kind\":{\"type\":"
                             "\"string\"},\"name\":{\"$ref\":\"#/$defs/name\"},"
                             "\"source\":{\"type\":\"string\"},\"note\":{\"type\":\"string\"},";

static const char branch[] =
    "\"grade\":{\"type\":\"string\",\"description\":\"of footprints that have none of their own\"},"
    "\"outage_h\":{\"$ref\":\"#/$defs/hours\",\"description\":\"median time without power from "
    "outside; fuel comes first\"},"
    "\"repair_h\":{\"$ref\":\"#/$defs/hours\",\"description\":\"median time until what failed "
    "works again\"},"
    "\"footprint\":{\"description\":\"one part, a list of parts, or a GeoJSON FeatureCollection "
    "whose features have "
    "properties.grade\",\"oneOf\":[{\"$ref\":\"#/$defs/"
    "part\"},{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":"
    "\"#/$defs/part\"}}]}";

static const char hazard[] =
    "\"hazard\":{\"type\":\"object\",\"description\":\"a map of one hazard, asked of by rules as "
    "place.hazard.NAME\",\"required\":[\"name\",\"values\"],\"additionalProperties\":false,"
    "\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1},\"unit\":{\"enum\":[\"m\","
    "\"km\",\"%\"]},\"source\":{\"type\":\"string\"},\"edition\":{\"type\":\"string\"},"
    "\"licence\":{\"type\":\"string\"},\"note\":{\"type\":\"string\"},\"mapped\":{\"type\":"
    "\"object\","
    "\"description\":\"GeoJSON: where somebody looked\"},\"outside\":{\"type\":\"number\","
    "\"description\":\"what it is in `mapped` beside the values\"},\"values\":{\"type\":\"array\","
    "\"items\":{\"type\":\"object\",\"description\":\"value, or low with high (without it there is "
    "no "
    "upper end); at one of mesh, site, area, circle or a GeoJSON shape\",\"properties\":{"
    "\"value\":{\"type\":\"number\"},\"low\":{\"type\":\"number\"},\"high\":{\"type\":\"number\"},"
    "\"mesh\":{\"type\":[\"string\",\"integer\"]},\"site\":{\"type\":\"string\"},\"area\":{"
    "\"type\":\"object\"}}}}}},";

static const char parts[] =
    "\"part\":{\"type\":\"object\",\"description\":\"sites, groups, a circle, or a GeoJSON Polygon "
    "or MultiPolygon, here or "
    "under "
    "area\",\"properties\":{\"grade\":{\"type\":\"string\"},\"sites\":{\"$ref\":\"#/$defs/codes\"},"
    "\"groups\":{\"$ref\":\"#/$defs/codes\"},\"p_loss\":{\"$ref\":\"#/$defs/"
    "p\"},\"p_down\":{\"$ref\":\"#/$defs/p\"},"
    "\"area\":{\"type\":\"object\"},\"circle\":{\"type\":\"object\",\"required\":[\"lat\",\"lon\","
    "\"km\"],\"properties\":{"
    "\"lat\":{\"type\":\"number\"},\"lon\":{\"type\":\"number\"},\"km\":{\"type\":\"number\","
    "\"minimum\":0}}},"
    "\"type\":{\"enum\":[\"Polygon\",\"MultiPolygon\",\"GeometryCollection\",\"Feature\","
    "\"FeatureCollection\"]}},\"anyOf\":[{\"required\":[\"sites\"]},{\"required\":[\"groups\"]},"
    "{\"required\":[\"area\"]},{\"required\":[\"circle\"]},{\"required\":[\"type\"]}]},"
    "\"fragility\":{\"type\":\"object\",\"required\":[\"id\",\"loss\",\"down\"],"
    "\"additionalProperties\":false,"
    "\"properties\":{\"id\":{\"type\":\"string\",\"description\":\"default: of sites that name "
    "none\"},"
    "\"loss\":{\"type\":\"object\",\"description\":\"grade to P(data "
    "lost)\",\"additionalProperties\":{\"$ref\":\"#/$defs/p\"}},"
    "\"down\":{\"type\":\"object\",\"description\":\"grade to P(out of "
    "service)\",\"additionalProperties\":{\"$ref\":"
    "\"#/$defs/p\"}},\"source\":{\"type\":\"string\"},\"note\":{\"type\":\"string\"}}}}}\n";

void siting_schema_write(struct text *out) {
    text_add_c(out, head);
    text_add_c(out, "\"event\":{\"type\":\"object\",\"required\":[\"id\"],\"additionalProperties\":"
                    "false,\"properties\":{");
    text_add_c(out, common);
    text_add_c(out, rates);
    text_add_c(
        out, "\"within\":{\"$ref\":\"#/$defs/codes\",\"description\":\"in place of the "
             "file's\"},\"mapped\":{\"type\":\"object\",\"description\":\"GeoJSON: outside of it "
             "nobody has looked\"},"
             "\"branches\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":32,"
             "\"description\":\"by severity; together at "
             "most "
             "1\",\"items\":{\"type\":\"object\",\"required\":[\"prob\",\"footprint\"],"
             "\"additionalProperties\":false,"
             "\"properties\":{\"name\":{\"$ref\":\"#/$defs/name\"},\"note\":{\"type\":\"string\"},"
             "\"prob\":{\"$ref\":\"#/$defs/p\"},");
    text_add_c(out, branch);
    text_add_c(out, "}}},");
    text_add_c(out, branch);
    text_add_c(out, "},");
    text_add_c(out, one_rate);
    text_add_c(out, ",\"oneOf\":[{\"required\":[\"footprint\"]},{\"required\":[\"branches\"]}],"
                    "\"dependentSchemas\":{\"branches\":{\"properties\":{\"grade\":false,"
                    "\"outage_h\":false,\"repair_h\":false}}}},\"group\":{\"type\":\"object\","
                    "\"required\":[\"id\",\"p_loss\",\"p_down\"],"
                    "\"additionalProperties\":false,"
                    "\"properties\":{");
    text_add_c(out, common);
    text_add_c(out, rates);
    text_add_c(out,
               "\"members\":{\"$ref\":\"#/$defs/codes\",\"description\":\"sites; those whose "
               "register row names the group are "
               "members as "
               "well\"},\"p_loss\":{\"$ref\":\"#/$defs/p\"},\"p_down\":{\"$ref\":\"#/$defs/p\"},"
               "\"repair_h\":{\"$ref\":\"#/$defs/hours\",\"description\":\"median; of a grid: the "
               "median time without power\"}},");
    text_add_c(out, one_rate);
    text_add_c(out, "},");
    text_add_c(out, hazard);
    text_add_c(out, parts);
}
