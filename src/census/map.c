/* The world as SVG within the page: no tiles, no script, nothing fetched. A mark stands for a country, at a
 * point within it; it says nothing of where in it the machines are. */
#include "census/page.h"

#include <math.h>

#ifdef CENSUS_COAST
#include "census/coast.h"
#endif

enum { WIDTH = 960, MARKS_MOST = 26 * 26, LABELS_MOST = 40 };
#define PER_DEGREE (WIDTH / 360.0)
#define NORTH_DEG  84.0
#define SOUTH_DEG  (-58.0)
#define HEIGHT     ((NORTH_DEG - SOUTH_DEG) * PER_DEGREE)
#define LABEL_STEP 15.0 /* a line of labels */

const char page_map_style[] =
    ".map{width:100%;height:auto;border:1px solid #c9c9c2;background:#e8eef3}"
    ".map text{font-size:13px;fill:#1d1d1b;paint-order:stroke;stroke:#fff;stroke-width:3.5px;"
    "stroke-linejoin:round}"
    ".map .coast{fill:#fbfbf7;stroke:#9aa5ad;stroke-width:1}"
    ".map .grid{stroke:#cbd5dc;stroke-width:1}"
    ".home{fill:#14532d;stroke:#fff;stroke-width:1.5}.abroad{fill:#8b1a1a;stroke:#fff;"
    "stroke-width:1.5}.cross{stroke:#fff;stroke-width:1.5}"
    ".leader{stroke:#44505a;stroke-width:.7}"
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.85rem;margin:.3rem 0}"
    ".legend svg{vertical-align:-.25em;margin-right:.3em}";

struct mark {
    geo_country country;
    uint64_t servers;
    bool is_home;
    double x, y, radius;
};
struct box {
    double x, y, width, height;
};

/* Regions of one country together, the most servers first. */
static size_t marks_of(const struct census_form *form, struct mark out[MARKS_MOST]) {
    size_t count = 0;
    for (size_t i = 0; i < form->place_count; i++) {
        const struct census_place *p = &form->places[i];
        struct geo_point at;
        size_t k = 0;
        if (!census_country_point(&p->country, &at)) continue;
        while (k < count && !geo_country_equal(out[k].country, p->country)) k++;
        if (k == MARKS_MOST) continue; /* there are no more codes */
        if (k == count)
            out[count++] = (struct mark){.country = p->country,
                                         .is_home = geo_country_equal(p->country, form->home),
                                         .x = (at.lon_deg + 180) * PER_DEGREE,
                                         .y = (NORTH_DEG - at.lat_deg) * PER_DEGREE};
        out[k].servers += p->counts.servers;
    }
    for (size_t i = 1; i < count; i++) /* few, and nearly in order */
        for (size_t k = i; k > 0 && out[k].servers > out[k - 1].servers; k--) {
            struct mark larger = out[k];
            out[k] = out[k - 1];
            out[k - 1] = larger;
        }
    for (size_t i = 0; i < count; i++)
        out[i].radius = 4 + 10 * sqrt((double)out[i].servers / (double)u64_max(1, out[0].servers));
    return count;
}

static void draw_mark(struct report_out *out, bool is_home, double x, double y, double r) {
    report_format(out, "<g class=\"mark\" transform=\"translate(%.1f %.1f)\">", x, y);
    if (is_home)
        report_format(out, "<circle class=\"home\" r=\"%.1f\"/>", r);
    else
        report_format(out,
                      "<path class=\"abroad\" d=\"M%.1f %.1fh%.1fv%.1fh%.1fz\"/>"
                      "<path class=\"cross\" d=\"M%.1f %.1fL%.1f %.1fM%.1f %.1fL%.1f %.1f\"/>",
                      -r, -r, 2 * r, 2 * r, -2 * r, -r / 2, -r / 2, r / 2, r / 2, r / 2, -r / 2,
                      -r / 2, r / 2);
    report_add_c(out, "</g>\n");
}

static bool is_free(const struct box *boxes, size_t count, struct box a) {
    if (a.x < 0 || a.y < 0 || a.x + a.width > WIDTH || a.y + a.height > HEIGHT) return false;
    for (size_t i = 0; i < count; i++)
        if (a.x < boxes[i].x + boxes[i].width && boxes[i].x < a.x + a.width &&
            a.y < boxes[i].y + boxes[i].height && boxes[i].y < a.y + a.height)
            return false;
    return true;
}

/* Beside the mark where there is room, else further and further off, with a line back to it. False: there
 * is no room at all; the tables have it. */
static bool place(const struct mark *m, double width, const struct box *boxes, size_t count,
                  struct box *out) {
    for (int ring = 0; ring < 14; ring++)
        for (int side = 0; side < 6; side++) {
            double off = m->radius + 3, dy = ring * LABEL_STEP * (side % 2 == 0 ? 1 : -1);
            struct box box = {m->x + off, m->y - 8 + dy, width, LABEL_STEP};
            if (side >= 2) box.x = m->x - off - width;
            if (side >= 4) box.x = m->x - width / 2;
            if (side >= 4) box.y += (side == 4 ? 1 : -1) * (off + 5);
            if (!is_free(boxes, count, box)) continue;
            *out = box;
            return true;
        }
    return false;
}

static size_t text_of(const struct page *p, const struct mark *m, char memory[256]) {
    struct report_out said;
    struct error e = {0};
    if (report_open_text(memory, 256, &said, &e) != OK) return 0;
    report_add(&said, census_country_name(&m->country, p->language));
    report_add_c(&said, " ");
    census_number(&said, m->servers);
    if (report_close(&said, &e) != OK) return 0;
    return report_text(&said).len;
}

static void draw_label(const struct page *p, const struct mark *m, struct box boxes[],
                       size_t *count) {
    char memory[256];
    str text = str_of(memory, text_of(p, m, memory));
    struct box box;
    if (!place(m, (double)report_columns(text) * 7.4 + 2, boxes, *count, &box)) return;
    boxes[(*count)++] = box;
    double near_x = box.x > m->x ? box.x : box.x + box.width < m->x ? box.x + box.width : m->x;
    if (fabs(box.y + 8 - m->y) > LABEL_STEP)
        report_format(p->out, "<path class=\"leader\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", m->x, m->y,
                      near_x, box.y + (box.y > m->y ? 0 : LABEL_STEP));
    report_format(p->out, "<text x=\"%.1f\" y=\"%.1f\">", box.x, box.y + 12);
    report_html_text(p->out, text);
    report_add_c(p->out, "</text>\n");
}

static void draw_ground(const struct page *p) {
#ifdef CENSUS_COAST
    report_add_c(p->out, "<path class=\"coast\" transform=\"scale(.5)\" d=\"");
    for (size_t i = 0; i < COUNT_OF(coast_path); i++) report_add_c(p->out, coast_path[i]);
    report_add_c(p->out, "\"/>\n");
#else
    for (int lon = -150; lon <= 150; lon += 30)
        report_format(p->out, "<path class=\"grid\" d=\"M%.1f 0V%.0f\"/>\n",
                      (lon + 180) * PER_DEGREE, HEIGHT);
    for (int lat = -30; lat <= 60; lat += 30)
        report_format(p->out, "<path class=\"grid\" d=\"M0 %.1fH%d\"/>\n",
                      (NORTH_DEG - lat) * PER_DEGREE, WIDTH);
#endif
}

static void legend(const struct page *p, bool is_home, const char *words) {
    report_add_c(p->out, "<span><svg width=\"18\" height=\"18\" aria-hidden=\"true\">");
    draw_mark(p->out, is_home, 9, 9, 6);
    report_format(p->out, "</svg>%s</span>\n", words);
}

static void told_elsewhere(const struct page *p) {
    const struct census_counts *total = &p->form->total;
    report_add_c(p->out, "<span>");
    report_add_c(p->out, in(p, "not on the map: undetermined ", "地図にないもの：判定できず"));
    census_number(p->out, total->answers[SURVEY_UNDETERMINED]);
    report_add_c(p->out, in(p, ", many places ", "、複数の場所"));
    census_number(p->out, total->answers[SURVEY_MANY]);
    report_add_c(p->out, "</span>\n");
}

void page_map(const struct page *p) {
    struct mark marks[MARKS_MOST];
    struct box boxes[2 * MARKS_MOST];
    size_t count = marks_of(p->form, marks), box_count = 0;
    if (count == 0) return;
    report_format(p->out, "<svg class=\"map\" role=\"img\" viewBox=\"0 0 %d %.0f\" aria-label=\"",
                  WIDTH, HEIGHT);
    report_add_c(p->out, in(p, "Map of the world with the number of servers by country",
                            "国別のサーバー台数の世界地図"));
    report_add_c(p->out, "\">\n");
    draw_ground(p);
    for (size_t i = 0; i < count; i++) {
        draw_mark(p->out, marks[i].is_home, marks[i].x, marks[i].y, marks[i].radius);
        boxes[box_count++] =
            (struct box){marks[i].x - marks[i].radius, marks[i].y - marks[i].radius,
                         2 * marks[i].radius, 2 * marks[i].radius};
    }
    for (size_t i = 0; i < count && i < LABELS_MOST; i++)
        draw_label(p, &marks[i], boxes, &box_count);
    report_add_c(p->out, "</svg>\n<div class=\"legend\">");
    legend(p, true, in(p, "in the country", "国内"));
    legend(p, false, in(p, "abroad", "国外"));
    told_elsewhere(p);
    report_add_c(p->out, "</div>\n");
    quiet(
        p,
        "A mark stands for a country, at a point within it, and grows with the number of servers; "
        "it does not say where in the country they are.",
        "印は国を表し（国内の一点に置く）、台数に応じて大きくなる。国のどこにあるかを示すものではな"
        "い。");
#ifdef CENSUS_COAST
    quiet(p, "Land and borders: Natural Earth, not a statement of position.",
          "陸地と境界：Natural Earth。領土に関する立場を示すものではない。");
#endif
}
