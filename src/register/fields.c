/* The one table of kinds and fields. The loader reads by it, the JSON Schema and the pages are
 * written from it. Fields bear the names of the facts rules read: `sites[].country` becomes
 * place.country. No sector, class, law or maker is named here: those are values people write. */
#include <math.h>

#include "register/register.h"

#define REFS(kind) (1u << REGISTER_##kind)
/* Members may be entities or the operator itself. */
#define PARTIES (REFS(ENTITIES) | REFS(OPERATORS))

#define ONE(name_, type_, about_)                                                                  \
    { .name = name_, .type = REGISTER_##type_, .shape = REGISTER_ONE, .about = about_ }
#define NEEDED(name_, type_, about_)                                                               \
    {                                                                                              \
        .name = name_, .type = REGISTER_##type_, .shape = REGISTER_ONE, .about = about_,           \
        .required = true                                                                           \
    }
#define BETWEEN(name_, unit_, least_, most_, about_)                                               \
    {                                                                                              \
        .name = name_, .type = REGISTER_NUMBER, .shape = REGISTER_ONE, .unit = unit_,              \
        .least = least_, .most = most_, .about = about_                                            \
    }
#define NUMBER(name_, unit_, about_) BETWEEN(name_, unit_, 0, INFINITY, about_)
#define SHARE(name_, about_)         BETWEEN(name_, "%", 0, 100, about_)
/* A closed list of words, told apart by blanks. */
#define WORD_OF(name_, words_, about_)                                                             \
    {                                                                                              \
        .name = name_, .type = REGISTER_CODE, .shape = REGISTER_ONE, .words = words_,              \
        .about = about_                                                                            \
    }
#define WORDS_OF(name_, words_, about_)                                                            \
    {                                                                                              \
        .name = name_, .type = REGISTER_CODE, .shape = REGISTER_SET, .words = words_,              \
        .about = about_                                                                            \
    }
#define REF(name_, kinds_, about_)                                                                 \
    { .name = name_, .type = REGISTER_REF, .shape = REGISTER_ONE, .kinds = kinds_, .about = about_ }
#define SET(name_, type_, about_)                                                                  \
    { .name = name_, .type = REGISTER_##type_, .shape = REGISTER_SET, .about = about_ }
#define SETS(name_, type_, about_)                                                                 \
    { .name = name_, .type = REGISTER_##type_, .shape = REGISTER_SETS, .about = about_ }
#define REF_SET(name_, kinds_, about_)                                                             \
    { .name = name_, .type = REGISTER_REF, .shape = REGISTER_SET, .kinds = kinds_, .about = about_ }
#define MAP(name_, type_, about_)                                                                  \
    { .name = name_, .type = REGISTER_##type_, .shape = REGISTER_MAP, .about = about_ }
#define RECORD(name_, members_, about_)                                                            \
    {                                                                                              \
        .name = name_, .type = REGISTER_NONE, .shape = REGISTER_RECORD, .about = about_,           \
        .members = members_                                                                        \
    }
#define RECORDS(name_, members_, about_)                                                           \
    {                                                                                              \
        .name = name_, .type = REGISTER_NONE, .shape = REGISTER_RECORDS, .about = about_,          \
        .members = members_                                                                        \
    }
#define END                                                                                        \
    { .name = NULL }

static const struct register_field operators[] = {
    ONE("name", NAME, "What the operator is called."),
    REF("entity", REFS(ENTITIES), "The legal entity that the operator is."),
    ONE("home", CODE,
        "Where it is at home, as rules compare it: a country, or a word such as foreign."),
    SET("person", CODE, "Whose person it is under laws that say so, e.g. us."),
    SET("sectors", CODE, "Fields it works in, in the words of the rulebooks it adopts."),
    SET("designations", CODE, "What an authority has named it: espa, telecom-carrier …"),
    SET("services", CODE, "Kinds of services it offers, as laws count them."),
    SET("contacts", TEXT, "Whom to reach, for duties with a deadline."),
    END,
};

static const struct register_field officers[] = {
    ONE("name", TEXT, "The officer's name."),
    ONE("position", TEXT, "What the officer is."),
    ONE("born", TIME, "Day of birth."),
    SET("nationality", COUNTRY, "Nationalities."),
    END,
};
static const struct register_field holders[] = {
    ONE("name", NAME, "Who holds."),
    REF("entity", REFS(ENTITIES), "The holder, where it has a row of its own."),
    ONE("kind", CODE, "person, company, state, fund, group …"),
    SET("seats", COUNTRY, "Countries of the holder's seats."),
    SHARE("capital", "Share of the capital."),
    SHARE("votes", "Share of the votes."),
    SET("rights", CODE, "Rights beside the votes: veto, appoint-majority …"),
    END,
};
static const struct register_field government_sales[] = {
    ONE("year_end", TIME, "Last day of the business year."),
    ONE("state", COUNTRY, "Whose government."),
    SHARE("percent", "Share of the year's sales that went to it."),
    END,
};
static const struct register_field entities[] = {
    ONE("name", NAME, "What the entity is called."),
    SET("aliases", TEXT, "Other names it trades or registers under."),
    SET("roles", CODE, "maker, cloud-provider, data-centre, carrier, agency, subcontractor …"),
    ONE("country", COUNTRY, "Country of incorporation."),
    SET("seats", COUNTRY,
        "Countries of its registered office, head office and main place of business."),
    REF_SET("parents", REFS(ENTITIES), "Entities that control it, up to the ultimate one."),
    SET("reach", COUNTRY, "Countries whose law is able to compel it."),
    RECORDS("holders", holders, "Who holds its capital and votes."),
    RECORDS("officers", officers, "Its officers."),
    RECORDS("foreign_government_sales", government_sales, "Sales to foreign governments by year."),
    SET("lists", CODE, "Lists it stands on, by the list's name."),
    SET("certifications", CODE, "Schemes it was certified or registered under."),
    ONE("address", TEXT, "Its registered address."),
    END,
};

static const struct register_field landmarks[] = {
    ONE("name", TEXT, "What the landmark is called."),
    ONE("vkey", TEXT, "Its verifier key; without one nothing it says counts."),
    REF("operator", PARTIES, "Who runs it: landmarks of one operator may err together."),
    ONE("address", TEXT, "Host or address that answers there."),
    BETWEEN("lat", NULL, -90, 90, "Latitude in degrees, north positive."),
    BETWEEN("lon", NULL, -180, 180, "Longitude in degrees, east positive."),
    NUMBER("error", "m", "How well its own place is known."),
    NUMBER("foreign", "m",
           "From it to the nearest place in another country where a machine could stand: a bound "
           "below that excludes every other country. Not said: by outlines of countries, some 60 "
           "km less."),
    END,
};
static const struct register_field grid[] = {
    ONE("area", CODE, "Area of the utility that feeds it."),
    NUMBER("hertz", NULL, "Frequency of that area."),
    NUMBER("feeds", NULL, "Independent feeds into the site."),
    END,
};
static const struct register_field cloud[] = {
    ONE("provider", CODE, "Whose cloud, as the metadata service's table names it."),
    ONE("region", CODE, "The provider's name of the region."),
    ONE("zone", CODE, "The provider's name of the zone."),
    END,
};
static const struct register_field sites[] = {
    ONE("name", NAME, "What the site is called."),
    ONE("kind", CODE, "data-centre, control-centre, office, cloud-region …"),
    ONE("country", COUNTRY, "The country it stands in."),
    ONE("region", CODE, "State, prefecture or cloud region, as contracts name it."),
    ONE("near", TEXT,
        "The Japanese capital whose figures stand for the site's where the row says none: Sendai, "
        "仙台市 or JP-04."),
    SET("law", COUNTRY, "Countries whose law is in force on the ground there."),
    ONE("address", TEXT, "Postal address."),
    BETWEEN("lat", NULL, -90, 90, "Latitude in degrees, north positive."),
    BETWEEN("lon", NULL, -180, 180, "Longitude in degrees, east positive."),
    BETWEEN("height", "m", -INFINITY, INFINITY, "Height of the machines above the sea."),
    ONE("mesh", CODE,
        "The grid square of JIS X 0410 that holds it, 4 to 10 digits: where coordinates are not "
        "said, it stands somewhere in there."),
    REF("entity", PARTIES, "Who runs it: the legal entity machines there obey."),
    REF("owner", PARTIES, "Who owns building and machines, where that is another."),
    {.name = "hazard",
     .type = REGISTER_NUMBER,
     .shape = REGISTER_MAP,
     .unit = "any unit",
     .least = -INFINITY,
     .most = INFINITY,
     .about = "Hazards by name, each a number in the unit the writer gives it."},
    SET("groups", CODE, "Shared risks: what takes one of a group may take all."),
    RECORD("grid", grid, "Electricity."),
    ONE("fuel", DURATION, "How long it runs on its own fuel."),
    ONE("fragility", CODE, "How it stands what strikes it: a fragility of the table of events."),
    SET("carriers", CODE, "Telecommunication carriers that reach it by ways of their own."),
    RECORD("cloud", cloud, "The cloud region it is, as machines there would say themselves."),
    RECORDS("landmarks", landmarks, "Places known by survey, to measure round trips from."),
    SET("certifications", CODE, "Schemes the site was certified under."),
    SET("protections", CODE,
        "What protects it: quake-resistance, fire-suppression, ups, guarded-doors …"),
    END,
};

static const struct register_field networks[] = {
    ONE("name", NAME, "What the network is called."),
    {.name = "cidr",
     .type = REGISTER_NETWORK,
     .shape = REGISTER_SET,
     .required = true,
     .about = "Its addresses."},
    REF("site", REFS(SITES), "The site it lies in; gives the country."),
    ONE("here", YES_NO, "Does it lie wherever the store that asks stands? (loopback, private)"),
    ONE("country", COUNTRY, "Its country, where it has no site here."),
    REF("entity", PARTIES, "Who runs it."),
    ONE("role", CODE, "plant, office, remote-access, partner, vendor …"),
    END,
};

static const struct register_field systems[] = {
    ONE("name", NAME, "What the system is called."),
    ONE("kind", CODE, "What it does: control, smart-meter, seat-reservation …"),
    ONE("class", CODE, "How much it matters, in the words of the rulebooks: critical, important …"),
    REF("operator", REFS(OPERATORS), "Whose system it is."),
    REF("entity", PARTIES, "Who runs it, where that is another."),
    REF_SET("sites", REFS(SITES), "Where its machines stand."),
    ONE("country", COUNTRY, "Its country; if absent, that of its sites when they agree."),
    REF_SET("datasets", REFS(DATASETS), "What it keeps or uses."),
    REF_SET("services", REFS(SERVICES), "What stops when it stops."),
    REF_SET("substitutes", REFS(SYSTEMS), "Systems that can take over."),
    REF_SET("contracts", REFS(CONTRACTS), "Contracts it runs under."),
    SET("designations", CODE, "What an authority has named it."),
    NUMBER("users", "persons", "People who use it."),
    WORD_OF("exposure", "none one-way gateway direct", "How it meets the Internet."),
    ONE("segment", CODE, "The network segment of its own that it stands in."),
    SET("watched", CODE,
        "What is watched there: internet, outbound, admission, log-sources, endpoints …"),
    NUMBER("factors", NULL, "How many kinds of proof its users give of who they are."),
    SET("backed_up", CODE,
        "What of it beside data is backed up: settings, roles, plc-logic, drawings, tools …"),
    END,
};

static const struct register_field services[] = {
    ONE("name", NAME, "What people call it."),
    REF("operator", REFS(OPERATORS), "Who provides it."),
    ONE("sector", CODE, "The field it belongs to."),
    ONE("kind", CODE, "voice, emergency-voice, data, supply, settlement …"),
    SET("area", CODE, "Where it is provided: countries, prefectures, grid areas."),
    ONE("country", COUNTRY, "The country it is provided in."),
    NUMBER("users", "persons", "People who lose it when it stops."),
    SET("substitutes", TEXT, "What people can use instead."),
    REF_SET("systems", REFS(SYSTEMS), "What it runs on."),
    END,
};

static const struct register_field origins[] = {
    ONE("stage", CODE,
        "designed, fabricated, assembled, programmed, hosted, operated, maintained."),
    ONE("country", COUNTRY, "Where that was done."),
    SHARE("percent", "How much of it."),
    END,
};
static const struct register_field components[] = {
    ONE("name", TEXT, "What the part is called."),
    ONE("category", CODE, "What kind of thing it is."),
    REF("maker", REFS(ENTITIES), "Who made it."),
    ONE("model", TEXT, "Its model."),
    ONE("version", TEXT, "Its version."),
    RECORDS("origins", origins, "Where it was made, by stage."),
    END,
};
static const struct register_field approvals[] = {
    ONE("scheme", CODE, "The scheme that approves."),
    ONE("number", TEXT, "The approval's number."),
    SET("covers", TEXT, "Models or ids it covers."),
    ONE("date", TIME, "Day it was given."),
    END,
};
static const struct register_field observations[] = {
    ONE("means", CODE, "How it was seen: mac, sysobjectid, lldp, certificate, banner …"),
    ONE("maker", TEXT, "Whom that suggests, as the registry or the device spells it."),
    ONE("says", TEXT, "What was seen: the address, the number, the text."),
    ONE("first_seen", TIME, "When it was seen first."),
    ONE("last_seen", TIME, "When it was seen last."),
    END,
};
static const struct register_field reports[] = {
    ONE("stage", CODE, "first, full …"),
    ONE("to", CODE, "The authority."),
    ONE("at", TIME, "When it was sent."),
    END,
};
static const struct register_field equipment[] = {
    ONE("name", NAME, "What the thing is called."),
    ONE("category", CODE, "router, firewall, server, camera, inverter, software, service …"),
    REF("maker", REFS(ENTITIES), "Who made it."),
    REF("supplier", REFS(ENTITIES), "Who delivered it."),
    ONE("model", TEXT, "Its model."),
    ONE("version", TEXT, "Its firmware or version."),
    ONE("serial", TEXT, "Its serial number."),
    NUMBER("count", NULL, "How many of it."),
    REF("operator", REFS(OPERATORS), "Whose it is."),
    REF("site", REFS(SITES), "Where it stands."),
    REF_SET("systems", REFS(SYSTEMS), "What it serves."),
    RECORDS("origins", origins, "Where it was made, by stage."),
    RECORDS("components", components, "What it is made of."),
    RECORDS("approvals", approvals, "Who has approved it."),
    SET("designations", CODE, "What an authority has named it."),
    SET("addresses", NETWORK, "Its network addresses."),
    SET("macs", TEXT, "Hardware addresses of its interfaces; their prefix suggests a maker."),
    RECORDS("observations", observations,
            "What machines saw of it; suggests a maker, and never takes a declared one's place."),
    ONE("introduced", TIME, "Day it went into use."),
    ONE("first_seen", TIME, "Day it was first seen; if absent, by the first observation."),
    ONE("support_end", TIME, "Day its maker's support ends."),
    RECORDS("reports", reports, "What was notified about it, and to whom."),
    END,
};

static const struct register_field keys[] = {
    REF("holder", PARTIES, "Who can decrypt."),
    SET("countries", COUNTRY, "Where keys are kept; if absent, the seats of the holder."),
    ONE("colocated", YES_NO, "Do keys lie where the data lie?"),
    ONE("algorithm", CODE, "The cipher."),
    END,
};
static const struct register_field copies[] = {
    REF("site", REFS(SITES), "Where the copy is."),
    ONE("kind", CODE, "backup, replica, log, derivative …"),
    ONE("country", COUNTRY, "Its country, where it has no site here."),
    ONE("date", TIME, "Day it was last made; its age counts from here."),
    WORD_OF("isolation", "online separate-network offline locked",
            "How far it is from what writes it."),
    NUMBER("generations", NULL, "How many of its versions are kept."),
    ONE("encrypted", YES_NO, "Is it encrypted?"),
    ONE("verified", TIME, "When it was last checked against its digest."),
    END,
};
static const struct register_field datasets[] = {
    ONE("name", NAME, "What the data are called."),
    REF("operator", REFS(OPERATORS), "Whose rules bind it."),
    ONE("sector", CODE, "The field it belongs to."),
    ONE("class", CODE, "How much it matters, in the words of the rulebooks: critical, important …"),
    SET("kinds", CODE, "What it holds: medical, meter-readings, personal, log, backup …"),
    NUMBER("persons", "persons", "People it is about."),
    NUMBER("bytes", "bytes", "How much it is."),
    REF("owner", PARTIES, "Who owns it."),
    SET("designations", CODE, "What an authority has named it."),
    ONE("placement_rule", TEXT, "What the owner decided about where it may be."),
    ONE("purpose", TEXT, "What it was collected for."),
    SET("readers", CODE, "Who may read it: roles or ids."),
    ONE("retention", DURATION, "How long it is kept."),
    SET("fields", CODE, "What each record of a log holds: subject, operation, time, result …"),
    ONE("rpo", DURATION, "How much of the latest may be lost (recovery point objective)."),
    ONE("rto", DURATION, "How long bringing it back may take (recovery time objective)."),
    WORD_OF("store", "here external",
            "Where it is kept; external: by others, surveyed and assessed here."),
    {.name = "buckets",
     .type = REGISTER_PATTERN,
     .shape = REGISTER_SET,
     .about = "Buckets of it, by name or pattern; a bucket belongs to exactly one dataset."},
    ONE("strays", YES_NO, "Does it take buckets that match no pattern? One dataset may."),
    ONE("encrypted", YES_NO, "no: it is stored as it is, where its rules allow; else encrypted."),
    REF("contract", REFS(CONTRACTS), "The contract it is kept under."),
    REF_SET("systems", REFS(SYSTEMS), "Systems that produce or use it."),
    REF_SET("derived_from", REFS(DATASETS), "Datasets it was made from."),
    RECORD("keys", keys, "Who can decrypt it."),
    RECORDS("copies", copies, "Copies beside the one that this store keeps."),
    REF_SET("chosen", REFS(SITES),
            "Where its copies are to stand, as somebody decided, say by `azekura site plan`."),
    END,
};

static const struct register_field subcontractors[] = {
    REF("entity", REFS(ENTITIES), "Who."),
    ONE("role", CODE, "What for."),
    ONE("place", TEXT, "Where they work."),
    SET("countries", COUNTRY, "Countries they work from."),
    ONE("approved", TIME, "When the operator permitted it."),
    END,
};
static const struct register_field contracts[] = {
    ONE("name", NAME, "What the contract is called."),
    REF("operator", REFS(OPERATORS), "Whose contract it is."),
    REF("entity", PARTIES, "The other party."),
    ONE("kind", CODE, "hosting, cloud, maintenance, carrier, entrustment …"),
    ONE("governing_law", COUNTRY, "The law that governs it."),
    ONE("court", COUNTRY, "Whose courts decide."),
    SETS("regions", CODE,
         "Regions agreed on; by customer, derived, account … data where told apart."),
    SET("requires", CODE, "Rulebooks it makes binding."),
    ONE("begins", TIME, "First day."),
    ONE("ends", TIME, "First day it holds no more."),
    NUMBER("notice", NULL, "Days of notice."),
    RECORDS("subcontractors", subcontractors, "Who else works under it."),
    SET("equipment_under_law", COUNTRY,
        "Countries to whose law the machines are subject, as it says."),
    SET("storage_places", TEXT, "Places of storage it names."),
    SET("foreign_law_disclosed", COUNTRY,
        "Foreign laws it discloses as applicable to the provider."),
    ONE("audit", YES_NO, "May the operator audit?"),
    ONE("deletion", TEXT, "How data are deleted at its end."),
    SET("states", CODE,
        "Items it states: roles, access-logs, migration, disclosure-scope, return-or-erase …"),
    SET("work_places", COUNTRY, "Countries where the work may be done."),
    SET("access", TEXT, "Ids of systems, segments and datasets the other party may reach."),
    ONE("watched", YES_NO, "Is the traffic between here and the other party watched?"),
    SET("data", CODE, "Kinds of data the other party keeps or handles."),
    ONE("data_class", CODE, "How much those data matter."),
    END,
};

static const struct register_field supplies[] = {
    ONE("name", NAME, "What is supplied."),
    REF("operator", REFS(OPERATORS), "To whom."),
    REF("entity", REFS(ENTITIES), "Who supplies."),
    ONE("role", CODE, "supplier, component-supplier, contractor, subcontractor …"),
    REF_SET("equipment", REFS(EQUIPMENT), "Things supplied."),
    REF_SET("systems", REFS(SYSTEMS), "Systems they are for."),
    REF("plan", REFS(PLANS), "The plan that states it."),
    ONE("purpose", TEXT, "What for."),
    ONE("place", TEXT, "Where the work is done."),
    SET("countries", COUNTRY, "Countries it is made in or done from."),
    SET("alternatives", TEXT, "Others who could supply the same."),
    END,
};

static const struct register_field transfers[] = {
    REF("operator", REFS(OPERATORS), "Whose act."),
    REF("dataset", REFS(DATASETS), "What was given."),
    REF("from", PARTIES, "Who gave."),
    REF("to", PARTIES, "Who got."),
    ONE("country", COUNTRY, "Where to."),
    ONE("basis", CODE, "What allows it: vendor, employment, exempt, licence …"),
    ONE("purpose", TEXT, "What for."),
    NUMBER("persons", "persons", "People it is about."),
    ONE("happened", TIME, "When."),
    END,
};

static const struct register_field requests[] = {
    ONE("name", NAME, "What was asked."),
    ONE("from", CODE, "Who asked: an authority's short name, or an entity."),
    ONE("kind", CODE, "store-in-country, disclosure, deletion, inspection …"),
    REF("operator", REFS(OPERATORS), "Whom."),
    SET("covers", TEXT, "Ids of what it concerns."),
    ONE("country", COUNTRY, "Whose authority."),
    ONE("received", TIME, "When it came."),
    ONE("answered", TIME, "When it was answered."),
    END,
};

static const struct register_field plans[] = {
    ONE("name", NAME, "What is planned."),
    ONE("kind", CODE, "introduction, entrustment, continuity …"),
    REF("operator", REFS(OPERATORS), "Whose plan."),
    SET("states", CODE, "Items the plan states."),
    SET("covers", TEXT, "Ids of what it concerns."),
    ONE("to", CODE, "The authority it went to."),
    ONE("submitted", TIME, "When it was handed in."),
    ONE("screening_ended", TIME, "When screening ended."),
    ONE("sales_as_of", TIME, "The day the sales figures are of."),
    END,
};

static const struct register_field changes[] = {
    REF("operator", REFS(OPERATORS), "Whose change."),
    ONE("about", TEXT, "Id of what changes."),
    ONE("field", CODE, "Which item of the plan: supplier.name, facility.place …"),
    ONE("before", TEXT, "What it was."),
    ONE("after", TEXT, "What it becomes."),
    ONE("tier_before", CODE, "Tier of a holding before: from-5, from-25 …"),
    ONE("tier_after", CODE, "Tier after."),
    REF("plan", REFS(PLANS), "The plan it changes."),
    ONE("happened", TIME, "When."),
    RECORDS("reports", reports, "What was notified about it, and to whom."),
    END,
};

static const struct register_field documents[] = {
    ONE("name", NAME, "Its title."),
    ONE("kind", CODE, "risk-assessment, foreign-law, audit, certificate, recovery-plan …"),
    REF("operator", REFS(OPERATORS), "Whose paper."),
    SET("covers", TEXT, "Ids of what it covers."),
    ONE("country", COUNTRY, "The country whose law or place it is about."),
    ONE("date", TIME, "Day it was signed; its age counts from here."),
    SET("signed_by", TEXT, "Who signed."),
    ONE("sha256", CODE, "Digest of the file, 64 hex digits."),
    ONE("file", TEXT, "Where the file lies."),
    ONE("language", CODE, "Language it is in."),
    END,
};
static const struct register_field reviews[] = {
    ONE("name", NAME, "What was reviewed."),
    ONE("kind", CODE, "foreign-law, supplier, access-rights, placement …"),
    REF("operator", REFS(OPERATORS), "Whose review."),
    SET("covers", TEXT, "Ids of what it covers."),
    ONE("country", COUNTRY, "The country whose law it is about."),
    ONE("date", TIME, "Day it was done; its age counts from here."),
    SET("signed_by", TEXT, "Who reviewed."),
    ONE("result", CODE, "What came of it."),
    REF("document", REFS(DOCUMENTS), "The paper that shows it."),
    END,
};

static const struct register_field impacts[] = {
    REF("service", REFS(SERVICES), "What was lost."),
    ONE("kind", CODE, "Kind of service that was lost: voice, emergency-voice, broadcast …"),
    NUMBER("users", "persons", "By how many."),
    ONE("duration", DURATION, "For how long."),
    NUMBER("supply_lost", "W", "Electricity not delivered."),
    NUMBER("houses", NULL, "Houses without supply."),
    SET("area", CODE, "Where."),
    END,
};
static const struct register_field incidents[] = {
    ONE("name", NAME, "What happened."),
    ONE("kind", CODE, "suspension, degradation, leak, corruption, intrusion …"),
    WORD_OF("cause", "deliberate accidental environmental other", "What brought it about."),
    ONE("event", CODE, "Category of event, as it is shared with the government."),
    ONE("system_failure", YES_NO, "Did a failure of information systems cause it?"),
    WORDS_OF("grounds", "by-law serious-impact appropriate", "Why it is to be shared, as judged."),
    REF("operator", REFS(OPERATORS), "Whose incident."),
    REF_SET("systems", REFS(SYSTEMS), "What was hit."),
    REF_SET("datasets", REFS(DATASETS), "Data that were hit."),
    SET("data", CODE, "What kinds of data were hit: personal, sensitive-personal …"),
    NUMBER("persons", "persons", "People whose data were hit, or may have been."),
    ONE("occurred", TIME, "When it began."),
    ONE("detected", TIME, "When it was noticed."),
    ONE("ended", TIME, "When it was over."),
    RECORDS("impacts", impacts, "Who lost what for how long."),
    RECORDS("reports", reports, "What was reported to whom."),
    END,
};

static const struct register_field drills[] = {
    ONE("name", NAME, "What was practised."),
    ONE("kind", CODE, "restore, failover, communication …"),
    REF("operator", REFS(OPERATORS), "Whose drill."),
    ONE("date", TIME, "When."),
    SET("covers", TEXT, "Ids of what it covered."),
    REF_SET("sites", REFS(SITES), "Sites that took part."),
    ONE("scenario", TEXT, "What was supposed to have happened."),
    WORD_OF("result", "passed failed partly", "What came of it."),
    ONE("took", DURATION, "How long recovery took."),
    END,
};

static const struct register_field adopts[] = {
    NEEDED("rulebook", CODE, "A rulebook, or a line: then the edition in force on the day asked."),
    REF_SET("operators", REFS(OPERATORS), "Who adopts; absent: every operator."),
    REF_SET("datasets", REFS(DATASETS), "For what; absent: every dataset."),
    ONE("from", TIME, "First day it binds."),
    ONE("until", TIME, "First day it binds no more."),
    ONE("by", TEXT, "Who decided it."),
    SET("elects", CODE, "Elected clauses that were ticked."),
    MAP("params", TEXT, "What the operator sets for parameters: NAME or CLAUSE/NAME."),
    END,
};

static const struct register_field exceptions[] = {
    NEEDED("clause", CODE, "RULEBOOK/CLAUSE or LINE/CLAUSE."),
    REF("dataset", REFS(DATASETS), "For which data; absent: any."),
    REF("site", REFS(SITES), "At which site; absent: any."),
    WORD_OF("kind", "exception break-glass", "exception, if absent."),
    NEEDED("reason", TEXT, "Why."),
    ONE("measure", TEXT, "What compensates."),
    NEEDED("requester", CODE, "Who asked."),
    NEEDED("approver", CODE, "Who approved; not the requester."),
    ONE("second", CODE, "The second person who broke the glass."),
    NEEDED("from", TIME, "When it begins."),
    NEEDED("until", TIME, "When it ends."),
    NUMBER("renewals", NULL, "How often it was renewed."),
    END,
};

static const struct register_field list_entries[] = {
    ONE("name", TEXT, "Whom or what the list names, as it spells it."),
    SET("aliases", TEXT, "Other names of the same, each matched as a whole."),
    ONE("country", COUNTRY, "The country the list gives."),
    SET("prefixes", TEXT, "Blocks of hardware addresses it holds: 6, 7 or 9 hex digits."),
    ONE("note", TEXT, "What the list says beside."),
    END,
};
static const struct register_field lists[] = {
    ONE("name", NAME, "What the list is called."),
    ONE("kind", CODE,
        "registry: it only tells who holds an address; else those it names stand on it."),
    ONE("edition", CODE, "Which edition."),
    ONE("as_of", TIME, "The day it was taken from its source."),
    ONE("source", TEXT, "Where it was taken from."),
    ONE("licence", TEXT, "Under what terms it may be used."),
    RECORDS("entries", list_entries, "Who stands on it. Complete only if nobody else can."),
    END,
};

static const struct register_kind_row kinds[REGISTER_KIND_COUNT] = {
    [REGISTER_OPERATORS] = {"operators", "operator", "Who is bound by rules.", operators},
    [REGISTER_ENTITIES] = {"entities", "entity",
                           "Companies and agencies: makers, providers, owners, authorities.",
                           entities},
    [REGISTER_SITES] = {"sites", "site", "Facilities where machines and copies stand.", sites},
    [REGISTER_NETWORKS] = {"networks", "network", "Which addresses lie in which site.", networks},
    [REGISTER_SYSTEMS] = {"systems", "system", "What runs.", systems},
    [REGISTER_SERVICES] = {"services", "service", "What people lose when systems stop.", services},
    [REGISTER_EQUIPMENT] = {"equipment", "equipment", "Things, their makers and origins.",
                            equipment},
    [REGISTER_DATASETS] = {"datasets", "dataset", "Bodies of data, kept here or by others.",
                           datasets},
    [REGISTER_CONTRACTS] = {"contracts", "contract", "What was agreed with whom.", contracts},
    [REGISTER_SUPPLIES] = {"supplies", "supply", "Who delivers what.", supplies},
    [REGISTER_TRANSFERS] = {"transfers", "transfer", "Data given to others.", transfers},
    [REGISTER_REQUESTS] = {"requests", "request", "What authorities and others asked for.",
                           requests},
    [REGISTER_PLANS] = {"plans", "plan", "Plans made or handed in.", plans},
    [REGISTER_CHANGES] = {"changes", "change", "Changes to what a plan states.", changes},
    [REGISTER_DOCUMENTS] = {"documents", "document", "Papers that show something.", documents},
    [REGISTER_REVIEWS] = {"reviews", "review", "Reviews that were done.", reviews},
    [REGISTER_INCIDENTS] = {"incidents", "incident", "What went wrong.", incidents},
    [REGISTER_DRILLS] = {"drills", "drill", "What was practised.", drills},
    [REGISTER_ADOPTS] = {"adopts", "adoption",
                         "Which rulebooks bind whom; without an id, the rulebook's name is it.",
                         adopts},
    [REGISTER_EXCEPTIONS] = {"exceptions", "exception",
                             "What loosens a clause, for a scope and a time.", exceptions},
    [REGISTER_LISTS] = {"lists", "list", "Lists of names and address blocks, an edition a row.",
                        lists},
};

const struct register_kind_row *register_kind_of(enum register_kind kind) {
    assert(kind < REGISTER_KIND_COUNT);
    return &kinds[kind];
}

bool register_kind_find(str key_or_noun, enum register_kind *out) {
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        if (!str_equal(key_or_noun, str_from_c(kinds[k].key)) &&
            !str_equal(key_or_noun, str_from_c(kinds[k].noun)))
            continue;
        *out = (enum register_kind)k;
        return true;
    }
    return false;
}

const char *register_by_name(enum register_by by) {
    static const char *const names[REGISTER_BY_COUNT] = {
        [REGISTER_DECLARED] = "declared", [REGISTER_MEASURED] = "measured",
        [REGISTER_DOCUMENT] = "document", [REGISTER_INSPECTED] = "inspected",
        [REGISTER_COMPUTED] = "computed",
    };
    assert(by < REGISTER_BY_COUNT);
    return names[by];
}
