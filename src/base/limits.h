/* Every limit of the program, with its unit, reason and source. */
#ifndef AZEKURA_BASE_LIMITS_H
#define AZEKURA_BASE_LIMITS_H

enum {
    /* HTTP. Source: ours, after facts measured against nginx; see docs/decisions/http.md */
    LIMIT_HEAD_BYTES = 16384,          /* request line and headers; one fixed buffer a connection */
    LIMIT_HEADER_COUNT = 64,           /* header lines in one head */
    LIMIT_HEAD_DEADLINE_MS = 10000,    /* from first byte to end of head: bounds slow heads */
    LIMIT_IDLE_MS = 60000,             /* keep-alive with no request */
    LIMIT_BODY_IDLE_MS = 30000,        /* no body byte for so long */
    LIMIT_BODY_RATE_WINDOW_MS = 30000, /* over such a window at least … */
    LIMIT_BODY_RATE_BYTES = 4096,      /* … so many bytes: a drip feed does not hold a fiber */
    LIMIT_LINGER_BYTES = 64 << 20,     /* read and thrown away after an early final reply */
    LIMIT_LINGER_MS = 5000,
    LIMIT_CONNECTIONS = 4096,      /* one reactor; a fiber stack each */
    LIMIT_TRAILER_BYTES = 4096,    /* all trailers of one chunked body */
    LIMIT_CHUNK_LINE_BYTES = 1024, /* size, extensions and CRLF of one chunk line */
    LIMIT_TARGET_BYTES = 8192,     /* request target; RFC 9112, 3 wants at least 8,000 */
    LIMIT_REPLY_HEAD_BYTES = 8192, /* a reply's head: 2 KiB of metadata, encoded, and ours */
    LIMIT_EXCHANGES = 1024,        /* requests in hand at once on a reactor: 150 KiB each */

    /* one request */
    LIMIT_ARENA_BYTES = 65536,   /* head and metadata of a request */
    LIMIT_SCRATCH_BYTES = 65536, /* what its handler needs for a moment: gone with the call */
    LIMIT_PIECE_BYTES = 65536,   /* body pieces between socket, cipher and disk: one frame */

    /* S3. Source: S3 API reference, quotas and limits */
    LIMIT_KEY_BYTES = 1024,         /* object key, UTF-8 bytes */
    LIMIT_META_BYTES = 2048,        /* user metadata, names and values */
    LIMIT_PART_COUNT = 10000,       /* parts in one upload */
    LIMIT_PART_BYTES_MIN = 5 << 20, /* all parts but the last */
    LIMIT_LIST_KEYS = 1000,         /* keys in one listing page, keys in one DeleteObjects */
    LIMIT_BUCKET_NAME_BYTES = 63,
    LIMIT_BUCKETS = 10000, /* buckets of one store */
    LIMIT_TAGS = 10,       /* tags on an object; 50 on a bucket */
    LIMIT_BUCKET_TAGS = 50,
    LIMIT_TAG_KEY_CHARS = 128,
    LIMIT_TAG_VALUE_CHARS = 256,
    LIMIT_XML_BYTES = 2 << 20, /* a Complete of 10,000 parts with checksums is 1.4 MB */
    LIMIT_XML_DEPTH = 8,
    LIMIT_PRESIGN_S = 604800, /* seven days */
    LIMIT_CLOCK_SKEW_S = 900, /* fifteen minutes either way */

    /* store and turn; ours, see CORE 2, 3, 5 in docs/formats */
    LIMIT_INLINE_BYTES = 16384,      /* bodies up to here lie in the engine's body family */
    LIMIT_FRAME_BYTES = 65536,       /* plaintext of one encrypted frame */
    LIMIT_STORED_PIECE_BYTES = 4096, /* leaf of stored_root: a location challenge asks for one */
    LIMIT_TURN_COUNT = 256,          /* requests in one turn: bounds the wait */
    LIMIT_TURN_BYTES = 1 << 20,
    LIMIT_SCAN_STEPS = 1000,   /* rows a scan walks before it lets others run */
    LIMIT_ENTRY_BYTES = 4096,  /* a ledger entry; the tile format allows 65,535 */
    LIMIT_FACTS_BYTES = 65535, /* facts of one entry: a 16-bit length in its opening */
    LIMIT_DECISION_BYTES =
        36864, /* of them one decision's; a holder in a list is about 400 bytes */
    LIMIT_DECISION_MORE_BYTES = 5632, /* and of each further one joined to it: five at most */
    LIMIT_FOLD_S = 60,                /* refusals alike fold for so long */
    LIMIT_CHECKPOINT_MS = 1000,       /* at most so long from commit to signed checkpoint */

    /* location proofs; ours, see docs/formats/locproof.md */
    LIMIT_LOCATION_FRESH_S = 86400, /* a landmark's report counts for the place so long: once a day
                                         459 pieces, or 32 every ten minutes, keep it fresh */
    LIMIT_LOCATION_SESSION_S =
        600,                    /* a session at most: 1,024 pieces over half the earth's round */
    LIMIT_LOCATION_IDLE_S = 10, /* … and it ends when nothing has come for so long */
    LIMIT_LOCATION_YIELD_S = 3, /* one silent for so long gives way to who wants its place: a living
                                         landmark asks every second, also where no answer comes */
    LIMIT_LOCATION_SESSIONS =
        4, /* at once, one a landmark: three of different operators and one more;
                                         each holds a view of the store and is load in the others' times */
    LIMIT_LOCATION_A_MINUTE = 12, /* sessions of one landmark begun in a minute: a checkpoint and a
                                         turn each */
    LIMIT_LOCATION_STRANGERS = 200, /* answers a second to who has no session: one HMAC each, or one
                                         signature between landmarks */

    /* texts people write: rulebooks, register, configuration */
    LIMIT_DOC_BYTES = 8 << 20, /* one file */
    LIMIT_DOC_DEPTH = 32,
    LIMIT_DOC_NODES = 1 << 20,
    LIMIT_RULE_DEPTH = 16,       /* nesting of conditions */
    LIMIT_RULE_NAME_BYTES = 128, /* of rulebooks, clauses, sets: as ids of the register */
    LIMIT_RULE_ITEMS = 512, /* texts in one set of a condition: longer ones are named in `sets` */
    LIMIT_RULE_PARTS = 32,  /* conditions joined in one pair of parentheses */

    /* register */
    LIMIT_GATE_PLACEMENTS =
        65536,                  /* clause and subject watched by one store; a MiB of ids, some tens
                                      of thousands of subjects are a country's */
    LIMIT_SITING_EVENTS = 4096, /* events and groups; a country's table has some tens */
    LIMIT_SITING_POINTS = 1 << 22, /* positions in all footprints; a prefecture's coast is 10,000 */
    LIMIT_REGISTER_ROWS = 1 << 20,
    LIMIT_REGISTER_BYTES = 64 << 20,    /* all files together; 40 bytes of tree a byte read */
    LIMIT_REGISTER_ROW_BYTES = 1 << 19, /* canonical; half of what one engine row may hold */
    LIMIT_REGISTER_ID_BYTES = 128,      /* three of them and a kind fit an engine key */
    LIMIT_REGISTER_PROBLEMS = 200,      /* kept in a report; a person fixes fewer at a time */
    LIMIT_REGISTER_FOLDER_DEPTH = 8,    /* folders in folders */
    LIMIT_DEVICES_ROWS =
        100000, /* devices seen, in one table; more rows than people keep by hand */
    LIMIT_REGISTER_HELD_BYTES = 4 << 20, /* a CSV of equipment above this is walked part by part */
    LIMIT_REGISTER_WALKED_BYTES = 1 << 30, /* all that is walked; ten million things */

    /* inventories of servers and devices; ours. A line of any of their formats is some hundred bytes. */
    LIMIT_INVENTORY_ROW_BYTES = 65536, /* a line of a list, a row of CSV, an entry of a zone file */
    LIMIT_INVENTORY_COLUMNS = 512,     /* of a CSV; spreadsheets of inventories have some tens */
    LIMIT_INVENTORY_NAMES = 256,       /* names of one server, and addresses of one server */
    LIMIT_INVENTORY_GENERATED =
        65536, /* records of one $GENERATE: a /16 of addresses; names of one range */
    LIMIT_INVENTORY_INCLUDE_DEPTH = 8, /* zone files within zone files */
    LIMIT_INVENTORY_INCLUDED = 256,    /* in all, of one file: else eight levels are without end */
    LIMIT_INVENTORY_BESIDE =
        65536, /* files of variables beside one inventory: one a host and more */
    LIMIT_INVENTORY_GROUPS = 4096, /* groups of hosts in one file; people keep some hundred */

    /* servers as inventories list them, of one survey; ours. 48 bytes each: an operator with more makes
     * several, and --merge one form of them */
    LIMIT_SURVEY_LISTED = 1 << 24,

    /* names asked of a resolver; ours */
    LIMIT_RESOLVE_PARALLEL = 4096, /* under way at once: an id is 16 bits, each has two questions */
    LIMIT_RESOLVE_ADDRESSES = 256, /* kept of one name and type; the others are left out */
    LIMIT_RESOLVE_NAMES = 32,      /* kept of one address */
    LIMIT_RESOLVE_CHAIN = 16, /* CNAMEs one after the other; resolvers themselves stop at 8 to 12 */

    /* Probing other people's machines; ours. A machine costs five connections and a handshake, some 10 KB: at twenty a second
     * less than a browser asks of one page, and unlike a scan. One that is silent takes two timeouts of 2 s, so sixty-four at
     * once keep that pace when most are. */
    LIMIT_PROBES = 64,
    LIMIT_PROBES_A_SECOND = 20,
    LIMIT_PROBED_ADDRESSES = 8, /* of one server; the first ones */

    /* Assessments: rows told one by one; above, equal ones are folded. Nobody reads more, and 1 KiB
     * a row keeps a report within 100 MiB. */
    LIMIT_ASSESS_ROWS = 100000,

    /* identity */
    LIMIT_USERS = 100000,
    LIMIT_KEYS = 100000,
};

/* Too large for an int. Source: S3 API reference, quotas and limits. */
#define LIMIT_OBJECT_BYTES ((uint64_t)5 << 40) /* 5 TiB, by parts */
#define LIMIT_PUT_BYTES    ((uint64_t)5 << 30) /* 5 GiB, one PUT or one part or one copy */

#endif
