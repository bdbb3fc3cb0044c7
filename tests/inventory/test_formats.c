/* What is read of each format, and what is told of what cannot be read. */
#include "tests/inventory/samples.h"
#include "tests/test.h"

static unsigned char memory[1 << 24], problems_memory[1 << 16];
static struct told told;

static enum error_code read_with(const char *file, str bytes,
                                 const struct inventory_options *options,
                                 struct inventory_report *report, struct error *e) {
    struct arena arena = arena_over(problems_memory, sizeof problems_memory);
    struct inventory_sink sink = {told_server, &told};
    told_begin(&told);
    return inventory_read(str_from_c(file), bytes, options, &sink, &arena,
                          arena_over(memory, sizeof memory), report, e);
}

static void each_format_gives_its_servers(void **state) {
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *s = &samples[i];
        struct inventory_report report;
        struct inventory_options options = {.format = INVENTORY_ANY};
        struct error e;
        enum error_code code = read_with(s->file, s->bytes, &options, &report, &e);
        if (code != OK) fail_msg("row \"%s\": %s", s->name, e.message);
        if (!str_equal(text_str(&told.text), str_from_c(s->expected)))
            fail_msg("row \"%s\": got\n%.*s", s->name, STR_FMT(text_str(&told.text)));
        assert_row(s->name, report.format == s->format);
        assert_row(s->name, report.servers == told.count);
        if (report.problems.total != 0)
            fail_msg("row \"%s\": %llu problems: %.*s", s->name,
                     (unsigned long long)report.problems.total, STR_FMT(report.problems.at[0]));
        assert_row(s->name, report.passed_over == s->passed_over);
        assert_row(s->name, !report.problems.is_cut);
    }
}

static const struct {
    const char *name, *file;
    enum inventory_format format;
    const char *bytes, *servers, *problem;
} cases[] = {
    {"a word that is no host", "a.txt", INVENTORY_LIST, "good.example\nba!d\n203.0.113.1\n",
     "1 good.example\n3 203.0.113.1\n",
     "a.txt:2: expected a host, an address, a network or a URL: a character that no name has, "
     "found "
     "\"ba!d\""},
    {"host bits", "a.txt", INVENTORY_LIST, "192.0.2.1/24\na\n", "2 a\n",
     "a.txt:1: expected a host, an address, a network or a URL: a network has an address without "
     "host bits and a number of bits, as 192.0.2.0/24, found \"192.0.2.1/24\""},
    {"an address cut short", "a.txt", INVENTORY_LIST, "a\n192.0.2\n", "1 a\n",
     "a.txt:2: expected a host, an address, a network or a URL: neither an address nor a name: "
     "names "
     "do not end in a number, found \"192.0.2\""},
    {"a password is not told", "a.txt", INVENTORY_LIST, "a\nftp://me:secret@ho!st/\n", "1 a\n",
     "a.txt:2: expected a host, an address, a network or a URL: a character that no name has, "
     "found "
     "\"@ho!st/\""},
    {"no line end", "a.txt", INVENTORY_LIST, "a.example\nb.exam", "1 a.example\n2 b.exam\n",
     "a.txt:2: the last line has no end: it was read as it stands, and may have been cut"},
    {"names in Japanese, which were told off", "a.txt", INVENTORY_LIST,
     "例え.テスト\nhttps://BÜCHER.example/x\n例え。jp:443\nxn--r8jz45g.jp\n",
     "1 xn--r8jz45g.xn--zckzah\n2 xn--bcher-kva.example url=https://BÜCHER.example/x\n"
     "3 xn--r8jz45g.jp\n4 xn--r8jz45g.jp\n",
     NULL},
    {"a word in Japanese is no host", "a.txt", INVENTORY_LIST, "a\n決済\n", "1 a\n",
     "a.txt:2: expected a host, an address, a network or a URL: a word outside ASCII is no name of "
     "a "
     "host, found \"決済\""},
    {"a name that IDNA does not allow", "a.txt", INVENTORY_LIST, "a\n\u0301a.jp\n", "1 a\n",
     "a.txt:2: expected a host, an address, a network or a URL: a name that IDNA 2008 does not "
     "allow, found \"\u0301a.jp\""},
    {"shares and database URLs", "a.txt", INVENTORY_LIST,
     "\\\\files.example.jp\\plans\njdbc:postgresql://db.example.jp:5432/x?user=u\n"
     "mongodb://u:p@a.example:27017,b.example:27017/x\n",
     "1 files.example.jp store=\\\\files.example.jp\\plans\n"
     "2 db.example.jp url=jdbc:postgresql://db.example.jp:5432/x?user=u\n"
     "3 a.example b.example url=mongodb://a.example:27017,b.example:27017/x\n",
     NULL},
    {"a share of no server was a store where its row named a country", "a.csv", INVENTORY_CSV,
     "host,country\na,JP\n//:x/y,JP\n", "2 a country=JP\n",
     "a.csv:3: expected a host, an address, a network or a URL: a port is a number up to 65535, "
     "found \"//:x/y\""},
    {"the machine's own names and those of groups were servers", "hosts", INVENTORY_ANY,
     "127.0.0.1\tlocalhost\n127.0.1.1 web1.example.jp web1\n::1 localhost ip6-localhost\n"
     "fe00::0 ip6-localnet\nff02::1 ip6-allnodes\n255.255.255.255 broadcasthost\n"
     "fe80::1%lo0 localhost\n0.0.0.0 ads.example\n:: ads.example\n"
     "203.0.113.1 web.example.jp web # the web\n10.0.0.5  db1\n198.18.0.5 lab\n",
     "2 web1.example.jp web1\n10 web.example.jp web 203.0.113.1\n11 db1 10.0.0.5\n"
     "12 lab 198.18.0.5\n",
     ""},
    {"an address that is listed alone is what was listed", "a.txt", INVENTORY_LIST,
     "127.0.0.1\n::1 # here\n", "1 127.0.0.1\n2 ::1\n", ""},
    {"hosts of containers were groups of Ansible's", "compose.yaml", INVENTORY_ANY,
     "services:\n  web:\n    extra_hosts: [\"db.example.jp:192.0.2.1\"]\n", NULL,
     "compose.yaml:1: expected a host, address, network or URL a line in UTF-8, found YAML that "
     "has "
     "no hosts as Ansible's inventories have: give a register with --register"},
    {"a module in a module, and what is only looked up there", "a.tfstate", INVENTORY_TERRAFORM,
     "{\"version\":4,\"resources\":[{\"module\":\"module.a.module.b[0]\",\"mode\":\"managed\","
     "\"type\":\"x_server\",\"name\":\"w\",\"provider\":\"module.a.provider[\\\"x/y/z\\\"]\","
     "\"instances\":[{\"attributes\":{\"ip\":\"192.0.2.1\"}}]},\n{\"module\":\"module.a.module.b[0]"
     "\","
     "\"mode\":\"data\",\"type\":\"x_server\",\"name\":\"other\",\"provider\":\"provider.x\","
     "\"instances\":[{\"attributes\":{\"ip\":\"192.0.2.2\"}}]}]}\n",
     "1 192.0.2.1 label=module.a.module.b[0].x_server.w provider=z kind=x_server\n", ""},
    {"a row with a cell too few", "a.csv", INVENTORY_CSV, "host,country\na.example,JP\nb.example\n",
     "2 a.example country=JP\n",
     "a.csv:3: expected 2 cells: a row with fewer cells than the first; the row was left out"},
    {"a lost quote costs one row", "a.csv", INVENTORY_CSV,
     "host,label\na.example,\"one\nb.example,two\nc.example,\"thr\"ee\nd.example,four\n",
     "3 b.example label=two\n5 d.example label=four\n",
     "a.csv:2: expected 2 cells: a quote is out of place, or has no partner; the row was left out"},
    {"a row in another encoding", "a.csv", INVENTORY_CSV, "host,label\na,\x93\x8c\nb,x\n",
     "3 b label=x\n",
     "a.csv:2: expected 2 cells: bytes that are not UTF-8; see `iconv -f CP932 -t UTF-8`; the row "
     "was "
     "left out"},
    {"a row of nothing", "a.csv", INVENTORY_CSV, "host,ip,country\na,-,JP\n-,N/A,JP\n,,\n",
     "2 a country=JP\n",
     "a.csv:3: expected a host, an address, a network or a URL in the row, found none"},
    {"a cell over lines", "a.csv", INVENTORY_CSV, "host,ip\na,\"203.0.113.1\n203.0.113.2\"\nb,\n",
     "2 a 203.0.113.1 203.0.113.2\n4 b\n", NULL},
    {"$INCLUDE", "a.zone", INVENTORY_ZONE, "$ORIGIN x.jp.\n$INCLUDE more.zone\na A 192.0.2.1\n",
     "3 a.x.jp 192.0.2.1\n",
     "a.zone:2: expected a file to include: none is opened here: give that file as well, found "
     "\"more.zone\""},
    {"no origin", "a.zone", INVENTORY_ZONE, "a A 192.0.2.1\nb.x.jp. A 192.0.2.2\n",
     "2 b.x.jp 192.0.2.2\n",
     "a.zone:1: expected the name of a record: a name that ends without a dot, and no $ORIGIN, "
     "found "
     "\"a\""},
    {"the origin by the file's name", "/zones/db.x.jp", INVENTORY_ZONE, "a A 192.0.2.1\n",
     "1 a.x.jp 192.0.2.1\n", NULL},
    {"a type nobody knows", "x.jp.zone", INVENTORY_ZONE, "a A 192.0.2.1\nb QQ 1\nc TYPE300 \\# 0\n",
     "1 a.x.jp 192.0.2.1\n", "x.jp.zone:2: expected a type of record, found \"QQ\""},
    {"a parenthesis that is never closed", "x.jp.zone", INVENTORY_ZONE,
     "a A 192.0.2.1\n@ SOA a b ( 1\n 2\nc A 192.0.2.3\n",
     "1 a.x.jp 192.0.2.1\n4 c.x.jp 192.0.2.3\n",
     "x.jp.zone:2: expected an entry of a zone: a '(' without its ')' at byte 14"},
    {"a name of other bytes than UTF-8 was said of its mail server", "x.jp.zone", INVENTORY_ZONE,
     "a\xff MX 1 m.y.jp.\n", "1 m.y.jp kind=MX\n", NULL},
    {"a range too large", "x.jp.zone", INVENTORY_ZONE,
     "$GENERATE 0-99999999 h$ A 192.0.2.1\nb A 192.0.2.2\n", "2 b.x.jp 192.0.2.2\n",
     "x.jp.zone:1: expected a range: a range of over 65,536 records, found \"0-99999999\""},
    {"what $GENERATE writes", "x.jp.zone", INVENTORY_ZONE,
     "$GENERATE 9-10/1 h${-1,3,x}-\\$ A 192.0.2.${0}\n", NULL,
     "x.jp.zone:1: expected the name of a host: a character that no name has, found "
     "\"h008-$.x.jp\""},
    {"reverse names by $GENERATE", "x", INVENTORY_ZONE,
     "$ORIGIN 2.0.192.in-addr.arpa.\n$GENERATE 1-2 $ PTR h$.x.jp.\n",
     "2 h1.x.jp 192.0.2.1\n2 h2.x.jp 192.0.2.2\n", NULL},
    {"a spreadsheet with a title above its columns was refused whole", "a.csv", INVENTORY_CSV,
     "サーバー一覧,,\r\n2026年4月現在,,\r\n,,\r\nNo.,ホスト名,IPアドレス\r\n1,a.example,192.0.2."
     "1\r\n",
     "5 a.example 192.0.2.1\n", NULL},
    {"what people call a server in Japanese was told off and lost", "a.csv", INVENTORY_CSV,
     "サーバー名,IPアドレス\n東京Web,192.0.2.1\n会計 サーバ 2,192.0.2.2\n倉庫,\n日本語.jp,\n",
     "2 192.0.2.1 label=東京Web\n3 192.0.2.2 label=会計 サーバ 2\n5 xn--wgv71a119e.jp\n",
     "a.csv:4: expected a host, an address, a network or a URL in the row, found none"},
    {"a row of what servers are is no row of columns", "a.csv", INVENTORY_CSV,
     "was,wo\nserver,192.0.2.1\n", NULL,
     "a.csv:1: expected a column with hosts or addresses; if one of these is it, say --column "
     "host=NAME: was, wo"},
    {"an item that is no JSON", "a.json", INVENTORY_JSON,
     "{\"servers\": [{\"ip\": \"192.0.2.1\"},\n {\"ip\": nul},\n {\"ip\": \"192.0.2.3\"}]}\n",
     "1 192.0.2.1\n3 192.0.2.3\n",
     "a.json:2:8: expected a value, found 'n'; the item was left out"},
    {"a folder of servers was a server, and they were lost in silence", "a.json", INVENTORY_JSON,
     "{\"site\": {\"tokyo\": [{\"host\": \"a.example\"}]},\n \"b.example\": {\"cpu\": 4}, "
     "\"c.example\": {\"ip\": \"192.0.2.1\", \"nics\": [{\"mac\": \"x\"}]}}\n",
     "2 b.example label=b.example\n2 c.example 192.0.2.1 label=c.example\n",
     "a.json:1: expected a server, found objects in it: give them as a list or by name"},
    {"JSON that is cut", "a.json", INVENTORY_JSON,
     "{\"servers\": [{\"ip\": \"192.0.2.1\"},\n {\"ip\": \"192.0.", "1 192.0.2.1\n",
     "a.json:2: expected the end of a text at byte 49, where the file ends; what stands before was "
     "read"},
    {"a damaged line of many", "a.jsonl", INVENTORY_JSON,
     "{\"host\": \"a\"}\n{\"host\": \"b\n{\"host\": \"c\"}\n", "1 a\n3 c\n",
     "a.jsonl:2: expected the end of a text at byte 25; the line was left out"},
    {"an old state", "a.tfstate", INVENTORY_TERRAFORM, "{\"version\": 3, \"modules\": []}", NULL,
     "a.tfstate:1: expected a Terraform state of version 4, found 3; `terraform state pull` of "
     "Terraform 0.12 or later writes it"},
    {"a state that jq sorted", "a.tfstate", INVENTORY_TERRAFORM,
     "{\"resources\":[{\"instances\":[{\"attributes\":{\"public_ip\":\"192.0.2.1\"},\"index_key\":"
     "\"a\"}],\"mode\":\"managed\",\"name\":\"w\",\"provider\":\"provider.aws\",\"type\":"
     "\"aws_instance\"}],\"version\":4}\n",
     "1 192.0.2.1 label=aws_instance.w[\"a\"] provider=aws kind=aws_instance\n", NULL},
    {"a module by key", "a.tfstate", INVENTORY_TERRAFORM,
     "{\"version\":4,\"resources\":[{\"module\":\"module.web[\\\"tokyo\\\"]\",\"mode\":\"managed\","
     "\"type\":\"x_server\",\"name\":\"w\",\"provider\":\"provider.x\",\"instances\":[{"
     "\"attributes\":"
     "{\"ip\":\"192.0.2.1\"}}]}]}\n",
     "1 192.0.2.1 label=module.web[\"tokyo\"].x_server.w provider=x kind=x_server\n", NULL},
    {"a provider nobody has heard of", "a.tfstate", INVENTORY_TERRAFORM,
     "{\"version\":4,\"resources\":[{\"mode\":\"managed\",\"type\":\"sakuracloud_server\",\"name\":"
     "\"w\",\"provider\":\"provider[\\\"registry.terraform.io/sacloud/"
     "sakuracloud\\\"]\",\"instances\":"
     "[{\"attributes\":{\"ip_address\":\"192.0.2.1\",\"zone\":\"is1b\",\"gateway\":\"192.0.2.254\"}"
     "}]}"
     "]}\n",
     "1 192.0.2.1 label=sakuracloud_server.w provider=sakuracloud region=is1b "
     "kind=sakuracloud_server\n",
     NULL},
    {"a spreadsheet's UTF-16", "a.csv", INVENTORY_CSV, "\xff\xfeh\n", NULL,
     "a.csv:1: expected rows with a host or an address in UTF-8, found UTF-16: convert it with "
     "`iconv -f UTF-16 -t UTF-8`"},
    {"lines of an old Macintosh were one line", "a.csv", INVENTORY_CSV,
     "host,address\ra,192.0.2.1\rb,192.0.2.2\r", NULL,
     "a.csv:1: expected rows with a host or an address in UTF-8, found lines that end in CR alone: "
     "convert it with "
     "`tr '\\r' '\\n'`"},
    {"a spreadsheet's own format was read as text", "a.xlsx", INVENTORY_ANY, "PK\x03\x04xx", NULL,
     "a.xlsx:1: expected a host, address, network or URL a line in UTF-8, found a spreadsheet or "
     "an archive: save it as "
     "CSV in UTF-8"},
    {"groups of an Ansible inventory became servers, and later it was refused", "hosts",
     INVENTORY_ANY, "a.example\n[web]\nb.example\n[all:children]\nweb\n",
     "1 a.example label=a.example\n3 b.example label=b.example kind=web\n", ""},
    {"hosts with variables alone", "hosts", INVENTORY_ANY, "a ansible_host=192.0.2.1\n",
     "1 a 192.0.2.1 label=a\n", ""},
    {"the nearest group's word counts, and the last line's", "hosts", INVENTORY_ANY,
     "[a]\nh country=US\nh country=JP\n[b]\nh\n[a:vars]\nsystem=a\nclass=a\n[b:vars]\nsystem=b\n"
     "[c:children]\nb\n[c:vars]\nsystem=c\nowner=c\n",
     "2 h label=h country=JP system=b owner=c kind=a class=a\n", ""},
    {"a template was said to be a country", "hosts", INVENTORY_ANY,
     "[a]\nh country=\"{{ land }}\"\n[all:vars]\ncountry=JP\n", "2 h label=h kind=a\n",
     "hosts:2: expected country in plain, found a template ({{ … }}): what it stands for is not "
     "known"},
    {"an address in a template", "hosts", INVENTORY_ANY,
     "[a]\nh.jp\n[a:vars]\nansible_host={{ inventory_hostname }}.lan\n",
     "2 h.jp label=h.jp kind=a\n",
     "hosts:4: expected ansible_host in plain, found a template ({{ … }}): what it stands for is "
     "not "
     "known"},
    {"a password with a space is not told", "hosts", INVENTORY_ANY,
     "[a]\nh ansible_password=very secret\ni\n", "3 i label=i kind=a\n",
     "hosts:2: expected a host and its variables: behind a host stand variables, as key=value "
     "without spaces; the line was left out"},
    {"a quote without its partner", "hosts", INVENTORY_ANY, "[a]\nh owner=\"x\ni\n",
     "3 i label=i kind=a\n",
     "hosts:2: expected a host and its variables: a quote without its partner; the line was left "
     "out"},
    {"a host without a name had its group's address", "hosts", INVENTORY_ANY,
     "[a]\n''\ni\n[a:vars]\nansible_host=192.0.2.1\n", "3 i 192.0.2.1 label=i kind=a\n",
     "hosts:2: expected a host, found a name of nothing"},
    {"a section of no kind", "hosts", INVENTORY_ANY, "[a:var]\nx=y\n[a]\ni\n",
     "4 i label=i kind=a\n",
     "hosts:1: expected [GROUP], [GROUP:vars] or [GROUP:children], found \":var\"; its lines were "
     "left out"},
    {"a group that nobody has", "hosts", INVENTORY_ANY, "[a]\ni\n[aa:vars]\ncountry=JP\n",
     "2 i label=i kind=a\n",
     "hosts:3: expected a group of this file, found \"aa\", which has no section"},
    {"a group within itself", "hosts", INVENTORY_ANY, "[a]\ni\n[b:children]\na\n[a:children]\nb\n",
     "2 i label=i kind=a\n", "hosts:1: expected groups in groups, found \"a\" within itself"},
    {"ranges", "hosts", INVENTORY_ANY,
     "[a]\nr[1:2]u[a:b]\n[b]\nn[08:12:2]\nv[2:1]\nw[01:100]\nx[0:99999]\ny[1:2\nz[1]\n[:2]q\n",
     "2 r1ua label=r1ua kind=a\n2 r1ub label=r1ub kind=a\n2 r2ua label=r2ua kind=a\n"
     "2 r2ub label=r2ub kind=a\n4 n08 label=n08 kind=b\n4 n10 label=n10 kind=b\n"
     "4 n12 label=n12 kind=b\n10 0q label=0q kind=b\n10 1q label=1q kind=b\n"
     "10 2q label=2q kind=b\n",
     "hosts:5: expected a host or a range of hosts: a range begins with the smaller of its ends, "
     "found \"v[2:1]\""},
    {"other files in INI make no servers", "wg.conf", INVENTORY_ANY,
     "[Interface]\nAddress = 10.0.0.1/24\nPrivateKey=abc\n", NULL,
     "wg.conf:2: expected a host and its variables: behind a host stand variables, as key=value "
     "without spaces; the line was left out"},
    {"what is encrypted", "a.yml", INVENTORY_ANY,
     "web:\n  hosts:\n    a:\n      ansible_host: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n    "
     "  "
     "country: JP\n",
     "3 a label=a country=JP kind=web\n",
     "a.yml:4: expected ansible_host in plain, found what is encrypted (!vault) or has another "
     "tag: "
     "what it stands for is not known"},
    {"an alias", "a.yml", INVENTORY_ANY,
     "web:\n  vars: &v {country: JP}\n  hosts:\n    a: {system: *s}\n    b:\n      <<: *v\n",
     "4 a label=a country=JP kind=web\n5 b label=b country=JP kind=web\n",
     "a.yml:4: expected system in plain, found an alias (*): what it stands for is not known"},
    {"YAML is read to where it is damaged", "a.yml", INVENTORY_ANY,
     "web:\n  hosts:\n    a:\n    b: {country: JP}\n   c: x\n    d:\n",
     "3 a label=a kind=web\n4 b label=b country=JP kind=web\n",
     "a.yml:5:4: expected YAML, found: did not find expected key while parsing a block mapping"},
    {"a key again", "a.yml", INVENTORY_ANY, "web:\n  hosts:\n    a:\n    a:\n",
     "3 a label=a kind=web\n", "a.yml:4:5: expected each key once, found \"a\" again (line 3)"},
    {"a word that groups do not have", "a.yml", INVENTORY_ANY,
     "web:\n  hosts: {a: }\n  host: {b: }\n", "2 a label=a kind=web\n",
     "a.yml:3: expected hosts, vars or children of the group \"web\", found \"host\""},
    {"settings of a plugin", "aws_ec2.yml", INVENTORY_ANY, "plugin: amazon.aws.aws_ec2\n", NULL,
     "aws_ec2.yml:1: expected groups with their hosts, found the settings of a plugin: give what "
     "`ansible-inventory -i FILE --list` prints"},
    {"a playbook", "site.yml", INVENTORY_ANY, "- hosts: web\n  tasks: []\n", NULL,
     "site.yml:1: expected groups with their hosts, found a list, as a playbook is: give the "
     "inventory it runs on"},
    {"YAML of something else", "a.yml", INVENTORY_ANY, "services:\n  web: {image: x}\n", NULL,
     "a.yml:1: expected a host, address, network or URL a line in UTF-8, found YAML that has no "
     "hosts as Ansible's inventories have: give a register with --register"},
    {"groups in JSON by a script", "a.json", INVENTORY_ANY,
     "{\"all\": {\"children\": [\"web\"]},\n\"web\": {\"hosts\": [\"a\", \"b\"], \"vars\": "
     "{\"country\": \"JP\"}}}\n",
     "2 a label=a country=JP kind=web\n2 b label=b country=JP kind=web\n", ""},
    {"a template of a listing", "a.json", INVENTORY_ANY,
     "{\"_meta\": {\"hostvars\": {\"a\": {\"country\": \"{{ land }}\", \"ansible_host\": "
     "{\"__ansible_vault\": \"x\"}}}}}\n",
     "1 a label=a\n",
     "a.json:1: expected country in plain, found a template ({{ … }}): what it stands for is not "
     "known"},
    {"an address with its network's bits was no address, and NetBox writes all of them so", "a.csv",
     INVENTORY_CSV,
     "name,IP "
     "address\nfw1,203.0.113.9/29\nfw2,2001:db8::1/64\nfw3,192.0.2.0/24\nfw4,192.0.2.1/33\n",
     "2 203.0.113.9 label=fw1\n3 2001:db8::1 label=fw2\n4 192.0.2.0/24 label=fw3\n",
     "a.csv:5: expected a host, an address, a network or a URL: a network has an address without "
     "host bits and a number of bits, as 192.0.2.0/24, found \"192.0.2.1/33\""},
    {"a zone that says whose it is by its URL", "a.json", INVENTORY_JSON,
     "[{\"zone\": \"https://www.googleapis.com/compute/v1/projects/p/zones/asia-northeast1-b\", "
     "\"ip\": \"192.0.2.1\"}]\n",
     "1 192.0.2.1 provider=gcp region=asia-northeast1\n", ""},
    {"what terraform show prints was a state with nothing in it", "a.json", INVENTORY_ANY,
     "{\"format_version\":\"1.0\",\"terraform_version\":\"1.9.8\",\"values\":{}}\n", NULL,
     "a.json:1: expected a state of version 4 with resources that have addresses in UTF-8, found "
     "what `terraform show -json` prints: give what `terraform state pull` does"},
    {"nmap's XML", "a.xml", INVENTORY_ANY, "<?xml version=\"1.0\"?>\n<nmaprun/>\n", NULL,
     "a.xml:1: expected a host, address, network or URL a line in UTF-8, found XML or HTML: give "
     "the "
     "hosts in it as a list, CSV or JSON"},
    {"an address in brackets is no section", "hosts", INVENTORY_ANY, "a.example\n[2001:db8::1]\n",
     "1 a.example\n2 2001:db8::1\n", ""},
    {"words of Terraform's configuration became servers", "main.tf", INVENTORY_ANY,
     "resource \"aws_instance\" \"x\" {\n}\n", NULL,
     "main.tf:1: expected a host, address, network or URL a line in UTF-8, found what Terraform is "
     "to make: give what is "
     "there, as `terraform state pull` prints it"},
    {"a default route was two million servers", "a.txt", INVENTORY_LIST, "a.example\n0.0.0.0/0\n",
     "1 a.example\n",
     "a.txt:2: expected a host, an address, a network or a URL: a network so wide is a route or a "
     "rule and nobody's: "
     "registries hand out a /8 at most, found \"0.0.0.0/0\""},
    {"a range has a remedy", "a.txt", INVENTORY_LIST, "a.example\n192.0.2.1-192.0.2.9\n",
     "1 a.example\n",
     "a.txt:2: expected a host, an address, a network or a URL: a range of addresses: write it as "
     "networks, such as "
     "192.0.2.0/28, found \"192.0.2.1-192.0.2.9\""},
    {"a pattern has a remedy", "a.txt", INVENTORY_LIST, "a.example\nweb[01:50].example\n",
     "1 a.example\n",
     "a.txt:2: expected a host, an address, a network or a URL: a pattern for several names: write "
     "each, or say --input ansible, found \"web[01:50].example\""},
    {"what stands behind a bad address of a cell was lost", "a.csv", INVENTORY_CSV,
     "host,address\na,192.0.2.1;192.0.2;192.0.2.3\n", "2 a 192.0.2.1 192.0.2.3\n",
     "a.csv:2: expected a host, an address, a network or a URL: neither an address nor a name: "
     "names do not end in a "
     "number, found \"192.0.2\""},
    {"full-width addresses and names", "a.csv", INVENTORY_CSV,
     "host,address\n\uff41\uff0e\uff4a\uff50,"
     "\uff11\uff19\uff12\uff0e\uff10\uff0e\uff12\uff0e\uff11\u3001192.0.2.2\nb.jp,\uff0d\n",
     "2 a.jp 192.0.2.1 192.0.2.2\n3 b.jp\n", ""},
    {"a spreadsheet's word on its separator", "a.csv", INVENTORY_CSV,
     "sep=;\r\nhost;address\r\na;192.0.2.1\r\n", "3 a 192.0.2.1\n", ""},
    {"a part of a reverse zone was a mistake, and its hosts were lost", "r.zone", INVENTORY_ZONE,
     "$ORIGIN 2.0.192.in-addr.arpa.\n65 CNAME 65.64/26\n1 PTR a.example.\n$ORIGIN "
     "64/26.2.0.192.in-addr.arpa.\n"
     "65 PTR b.example.\n",
     "3 a.example 192.0.2.1\n5 b.example 192.0.2.65\n", ""},
    {"one page of several was taken for all", "i.json", INVENTORY_EC2,
     "{\"Reservations\":[{\"Instances\":[{\"PrivateIpAddress\":\"10.0.0.1\"}]}],\n\"NextToken\":"
     "\"x\"}\n",
     "1 10.0.0.1 provider=aws kind=ec2-instance\n",
     "i.json:2: expected all instances, found one page of several (\"NextToken\"): give the others "
     "as well, or leave "
     "--max-items out"},
    {"one node alone, of which only the address was read", "n.json", INVENTORY_ANY,
     "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"n1\"}, \"status\": "
     "{\"addresses\": [{\"type\": \"InternalIP\", \"address\": \"192.0.2.1\"}]}}\n",
     "1 n1 192.0.2.1 label=n1 kind=Node\n", ""},
    {"a node's address that is none", "n.yaml", INVENTORY_ANY,
     "apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus:\n  addresses:\n  - type: "
     "ExternalIP\n    address: 192.0.2\n  - type: Other\n    address: 192.0.2.1\n",
     "1 n1 label=n1 kind=Node\n",
     "n.yaml:6: expected an address or a name in ExternalIP: it is none, found \"192.0.2\""},
    {"a list of nodes that is cut between two lines", "n.yaml", INVENTORY_ANY,
     "apiVersion: v1\nitems:\n- kind: Node\n  metadata: {name: n1}\n- kind: Node\n  metadata: "
     "{name: n2}\n",
     "3 n1 label=n1 kind=Node\n5 n2 label=n2 kind=Node\n",
     "n.yaml:1: expected a list with its kind behind its items, found none: it may have been cut"},
    {"a node of nothing", "n.yaml", INVENTORY_ANY,
     "apiVersion: v1\nkind: NodeList\nitems:\n- kind: Node\n- kind: Node\n  metadata: {name: n1}\n",
     "5 n1 label=n1 kind=Node\n",
     "n.yaml:4: expected a node with a name or an address, found none"},
    {"no column we know", "a.csv", INVENTORY_CSV, "foo,bar\n1,2\n", NULL,
     "a.csv:1: expected a column with hosts or addresses; if one of these is it, say --column "
     "host=NAME: foo, bar"},
    {"an empty file", "a.txt", INVENTORY_LIST, "", NULL,
     "a.txt: expected a host, address, network or URL a line, found none"},
};

static void what_cannot_be_read_is_told_and_the_rest_is_kept(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *name = cases[i].name;
        struct inventory_options options = {.format = cases[i].format};
        struct inventory_report report = {0};
        struct error e;
        enum error_code code =
            read_with(cases[i].file, str_from_c(cases[i].bytes), &options, &report, &e);
        str problem = STR_EMPTY;
        if (code != OK) problem = str_from_c(e.message);
        if (code == OK && report.problems.count > 0) problem = report.problems.at[0];
        if (code != OK && code != FAIL_SYNTAX) fail_msg("row \"%s\": %s", name, e.message);
        if (cases[i].servers == NULL ? code == OK : code != OK)
            fail_msg("row \"%s\": %s", name, code == OK ? "read" : e.message);
        if (cases[i].servers != NULL &&
            !str_equal(text_str(&told.text), str_from_c(cases[i].servers)))
            fail_msg("row \"%s\": got\n%.*s", name, STR_FMT(text_str(&told.text)));
        if (!str_equal(problem, str_from_c(cases[i].problem)))
            fail_msg("row \"%s\": told \"%.*s\"", name, STR_FMT(problem));
    }
}

static void a_named_column_goes_before_the_words(void **state) {
    static const struct inventory_column columns[] = {{INVENTORY_HOST, T("Machine X")},
                                                      {INVENTORY_COUNTRY, T("stands in")}};
    struct inventory_options options = {INVENTORY_CSV, columns, 2, STR_EMPTY};
    struct inventory_report report;
    struct error e;
    str bytes = STR("machine x,Country,Stands In,ip\na.example,US,JP,192.0.2.1\n");
    assert_ok(read_with("a.csv", bytes, &options, &report, &e), &e);
    assert_str(text_str(&told.text), STR("2 a.example 192.0.2.1 country=JP\n"));
    bytes = STR("ip,country\n192.0.2.1,JP\n");
    assert_int_equal(read_with("a.csv", bytes, &options, &report, &e), FAIL_SYNTAX);
    assert_string_equal(e.message, "a.csv:1: there is no column \"Machine X\" (--column host=…)");
}

/* Files as a test has them: "loop" includes itself twice, "deep" nine others. */
static bool test_open(void *self, str file, str included, struct arena *arena, str *name,
                      str *bytes, const char **why) {
    static const struct {
        const char *name, *bytes;
    } files[] = {{"more", "b A 192.0.2.2\n$ORIGIN y.jp.\nc A 192.0.2.3\n"},
                 {"bad", "\xef\xbb\xbf"
                         "d A 192.0.2.256\ne A 192.0.2.5"},
                 {"loop", "f A 192.0.2.6\n$INCLUDE loop\n$INCLUDE loop\n"}};
    assert_true(str_equal(file, STR("x.zone")));
    *name = included;
    *why = "there is no such file";
    for (size_t i = 0; i < COUNT_OF(files); i++)
        if (str_equal(included, str_from_c(files[i].name)))
            return *bytes = str_from_c(files[i].bytes), true;
    return false;
}

static void what_a_zone_file_includes_is_read_as_if_it_stood_there(void **state) {
    static const struct inventory_opener opener = {test_open, NULL};
    struct inventory_options options = {.format = INVENTORY_ZONE, .opener = &opener};
    struct inventory_report report;
    struct error e;
    str bytes =
        STR("$ORIGIN x.jp.\na A 192.0.2.1\n$INCLUDE more z ; with names of z\n  A 192.0.2.9\n"
            "g A 192.0.2.7\n$include more\n$INCLUDE bad\n$INCLUDE none\n$INCLUDE\n");
    assert_ok(read_with("x.zone", bytes, &options, &report, &e), &e);
    /* the name and the zone of before go on behind it */
    assert_str(text_str(&told.text),
               STR("2 a.x.jp 192.0.2.1\n1 b.z.x.jp 192.0.2.2\n3 c.y.jp 192.0.2.3\n"
                   "4 a.x.jp 192.0.2.9\n5 g.x.jp 192.0.2.7\n"
                   "1 b.x.jp 192.0.2.2\n3 c.y.jp 192.0.2.3\n"
                   "2 e.x.jp 192.0.2.5\n"));
    assert_int_equal(report.problems.count, 4);
    assert_int_equal(report.unended, 1);
    assert_str(report.problems.at[0],
               STR("bad:1: expected an IPv4 address, found \"192.0.2.256\""));
    assert_str(report.problems.at[1],
               STR("bad:2: the last line has no end: it was read as it stands, "
                   "and may have been cut"));
    assert_str(report.problems.at[2], STR("x.zone:8: expected a file to include: there is no such "
                                          "file, found \"none\""));
    assert_str(report.problems.at[3],
               STR("x.zone:9: expected a file to include: nothing there, found "
                   "\"\""));
}

static void files_that_include_themselves_come_to_an_end(void **state) {
    static const struct inventory_opener opener = {test_open, NULL};
    struct inventory_options options = {.format = INVENTORY_ZONE, .opener = &opener};
    struct inventory_report report;
    struct error e;
    str bytes = STR("$ORIGIN x.jp.\n$INCLUDE loop\n$INCLUDE loop\n");
    assert_ok(read_with("x.zone", bytes, &options, &report, &e), &e);
    assert_int_equal(report.servers, LIMIT_INVENTORY_INCLUDED);
    assert_str(report.problems.at[0], STR("loop:2: expected a file to include: files within files "
                                          "over 8 deep, found \"loop\""));
    /* 510 would be a tree of that depth */
    assert_int_equal(report.problems.total, 256 + 2);
}

static void one_text_is_a_target(void **state) {
    struct inventory_server server;
    struct error e;
    struct arena arena = arena_over(memory, sizeof memory);
    assert_ok(inventory_target_read(STR("HTTPS://Www.Example.JP./x"), &arena, &server, &e), &e);
    assert_str(server.name, STR("www.example.jp"));
    assert_ok(inventory_target_read(STR(" 2001:db8::/32 "), &arena, &server, &e), &e);
    assert_true(server.has_network && server.network.bits == 32);
    assert_ok(inventory_target_read(STR("192.0.2.1/32"), &arena, &server, &e), &e);
    assert_true(!server.has_network && server.address_count == 1);
    assert_int_equal(inventory_target_read(STR("a b"), &arena, &server, &e), FAIL_SYNTAX);
    assert_string_equal(e.message,
                        "\"a b\" is no host, address, network or URL: a character that no "
                        "name has");
}

static enum error_code server_refuse(void *self, const struct inventory_server *server,
                                     struct error *e) {
    return error_set(e, FAIL_STOPPING, "enough at line %llu", (unsigned long long)server->line);
}

static void the_sink_can_end_it(void **state) {
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct inventory_sink sink = {server_refuse, NULL};
        struct inventory_options options = {.format = INVENTORY_ANY};
        struct inventory_report report;
        struct error e;
        struct arena arena = arena_over(problems_memory, sizeof problems_memory);
        enum error_code code =
            inventory_read(str_from_c(samples[i].file), samples[i].bytes, &options, &sink, &arena,
                           arena_over(memory, sizeof memory), &report, &e);
        assert_row(samples[i].name, code == FAIL_STOPPING);
    }
}

static void a_format_is_recognised_by_name_or_by_how_it_begins(void **state) {
    static const struct {
        const char *file, *bytes;
        enum inventory_format format;
    } files[] = {{"a.tfstate", "", INVENTORY_TERRAFORM},
                 {"a.tsv", "x", INVENTORY_CSV},
                 {"-", "[2001:db8::1]:443\n", INVENTORY_LIST},
                 {"-", " \n[{\"host\": \"a\"}]", INVENTORY_JSON},
                 {"-", "{\"bomFormat\": \"CycloneDX\"}", INVENTORY_CYCLONEDX},
                 {"-", "{\"_meta\": {\"hostvars\": {}}}", INVENTORY_ANSIBLE},
                 {"-", "{\"all\": {\"children\": {}}}", INVENTORY_ANSIBLE},
                 {"-", "; a comment\n[web]\na\n", INVENTORY_ANSIBLE},
                 {"-", "a ansible_host=192.0.2.1\n", INVENTORY_ANSIBLE},
                 {"-", "---\nall:\n  hosts: {a: }\n", INVENTORY_ANSIBLE},
                 {"a.txt", "[web]\n", INVENTORY_LIST},
                 {"-", "{\"Reservations\": []}", INVENTORY_EC2},
                 {"-", "{\"apiVersion\":\"v1\",\"kind\":\"Node\"}", INVENTORY_KUBERNETES},
                 {"-", "---\napiVersion: v1\nkind: Node\n", INVENTORY_KUBERNETES},
                 {"-", "{\"apiVersion\":\"v1\",\"kind\":\"Service\"}", INVENTORY_JSON},
                 {"-", "; zone\n@ 300 IN SOA a b 1 2 3 4 5\n", INVENTORY_ZONE},
                 {"-", "www IN A 192.0.2.1\n", INVENTORY_ZONE},
                 {"-", "name;IP Address;x\n", INVENTORY_CSV},
                 {"-", "ホスト名,国\n", INVENTORY_CSV},
                 {"-", "# a comment\nhost.example\n", INVENTORY_LIST},
                 {"-", "192.0.2.1 host a\n", INVENTORY_LIST},
                 {"-", "", INVENTORY_LIST}};
    for (size_t i = 0; i < COUNT_OF(files); i++)
        assert_row(files[i].bytes,
                   inventory_format_guess(str_from_c(files[i].file), str_from_c(files[i].bytes)) ==
                       files[i].format);
}

static void names_of_formats_and_fields_find_themselves(void **state) {
    for (unsigned i = 0; i < INVENTORY_FORMAT_COUNT; i++) {
        enum inventory_format format;
        assert_true(inventory_format_find(
            str_from_c(inventory_format_name((enum inventory_format)i)), &format));
        assert_int_equal(format, i);
    }
    for (unsigned i = 0; i < INVENTORY_FIELD_COUNT; i++) {
        enum inventory_field field;
        assert_true(inventory_field_find(str_from_c(inventory_field_name((enum inventory_field)i)),
                                         &field));
        assert_int_equal(field, i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_gives_its_servers),
        cmocka_unit_test(what_cannot_be_read_is_told_and_the_rest_is_kept),
        cmocka_unit_test(a_named_column_goes_before_the_words),
        cmocka_unit_test(what_a_zone_file_includes_is_read_as_if_it_stood_there),
        cmocka_unit_test(files_that_include_themselves_come_to_an_end),
        cmocka_unit_test(one_text_is_a_target),
        cmocka_unit_test(the_sink_can_end_it),
        cmocka_unit_test(a_format_is_recognised_by_name_or_by_how_it_begins),
        cmocka_unit_test(names_of_formats_and_fields_find_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
