/* Devices out of neighbour tables: what is read, what is told, cut and changed at every byte. */
#include "inventory/inventory.h"
#include "tests/test.h"

#define T(text)                                                                                    \
    { "" text, sizeof(text) - 1 }

#define IP_NEIGH                                                                                   \
    "192.0.2.1 dev eth0 lladdr 00:1b:54:aa:bb:cc REACHABLE\n"                                      \
    "192.0.2.9 dev eth0 FAILED\n"                                                                  \
    "192.0.2.10 dev eth0 INCOMPLETE\n"                                                             \
    "fe80::21b:54ff:feaa:bbcc dev eth0 lladdr 00:1b:54:aa:bb:cc router STALE\n"                    \
    "192.0.2.12 dev br0 lladdr 02:42:c0:00:02:0c ref 1 used 5/0/5 probes 1 DELAY\n"
#define ARP                                                                                        \
    "gw.example.jp (192.0.2.1) at 00:1b:54:aa:bb:cc [ether] on eth0\n"                             \
    "? (192.0.2.2) at <incomplete> on eth0\n"                                                      \
    "? (192.0.2.3) at 0:1b:54:1:2:3 on en0 ifscope [ethernet]\n"                                   \
    "? (224.0.0.251) at 1:0:5e:0:0:fb on en0 ifscope permanent [ethernet]\n"
#define ARP_COLUMNS                                                                                \
    "Address                  HWtype  HWaddress           Flags Mask            Iface\n"           \
    "192.0.2.1                ether   00:1b:54:aa:bb:cc   C                     eth0\n"            \
    "192.0.2.2                        (incomplete)                              eth0\n"
#define ARP_WINDOWS                                                                                \
    "\r\n"                                                                                         \
    "Interface: 192.0.2.5 --- 0x5\r\n"                                                             \
    "  Internet Address      Physical Address      Type\r\n"                                       \
    "  192.0.2.1             00-1b-54-aa-bb-cc     dynamic   \r\n"                                 \
    "  192.0.2.255           ff-ff-ff-ff-ff-ff     static    \r\n"
#define SNMP                                                                                       \
    ".1.3.6.1.2.1.1.1.0 = STRING: \"Cisco IOS Software, C2960 Software\r\n"                        \
    "Version 15.0(2)SE\"\n"                                                                        \
    ".1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.9.1.1208\n"                                            \
    ".1.3.6.1.2.1.1.3.0 = Timeticks: (1) 0:00:00.01\n"                                             \
    ".1.3.6.1.2.1.1.5.0 = STRING: \"sw1.example.jp\"\n"                                            \
    ".1.3.6.1.2.1.2.2.1.6.1 = STRING: \n"                                                          \
    ".1.3.6.1.2.1.2.2.1.6.2 = Hex-STRING: 00 1B 54 AA BB CC \n"                                    \
    ".1.3.6.1.2.1.2.2.1.6.3 = STRING: 0:1b:54:aa:bb:cd\n"                                          \
    ".1.3.6.1.2.1.4.20.1.1.127.0.0.1 = IpAddress: 127.0.0.1\n"                                     \
    ".1.3.6.1.2.1.4.20.1.1.192.0.2.1 = IpAddress: 192.0.2.1\n"                                     \
    ".1.3.6.1.2.1.4.34.1.3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1 = INTEGER: 2\n"                \
    ".1.3.6.1.2.1.4.22.1.2.2.192.0.2.77 = Hex-STRING: 00 0C 29 01 02 03 \n"                        \
    ".1.3.6.1.2.1.4.35.1.4.2.1.4.192.0.2.78 = STRING: 0:c:29:1:2:4\n"                              \
    ".1.3.6.1.2.1.47.1.1.1.1.11.1001 = STRING: \"FOC1234X0AB\"\n"                                  \
    ".1.3.6.1.2.1.47.1.1.1.1.12.1001 = STRING: \"Cisco\"\n"                                        \
    ".1.3.6.1.2.1.47.1.1.1.1.13.1001 = STRING: \"WS-C2960X\"\n"
#define SNMP_NAMES                                                                                 \
    "SNMPv2-MIB::sysDescr.0 = STRING: Hardware: x86\n"                                             \
    "SNMPv2-MIB::sysObjectID.0 = OID: SNMPv2-SMI::enterprises.8072.3.2.10\n"                       \
    "IF-MIB::ifPhysAddress.2 = STRING: 0:1b:54:aa:bb:cc\n"
#define LLDP                                                                                       \
    "{\"lldp\": {\"interface\": [\n"                                                               \
    " {\"eth0\": {\"via\": \"LLDP\", \"chassis\": {\"sw1\": {\n"                                   \
    "    \"id\": {\"type\": \"mac\", \"value\": \"00:1b:54:aa:bb:cc\"},\n"                         \
    "    \"descr\": \"Cisco IOS\", \"mgmt-ip\": [\"192.0.2.1\", \"2001:db8::1\"]}},\n"             \
    "   \"port\": {\"id\": {\"type\": \"ifname\", \"value\": \"Gi0/1\"}}}},\n"                     \
    " {\"eth1\": {\"chassis\": {\"id\": {\"type\": \"local\", \"value\": \"x\"},\n"                \
    "    \"mgmt-ip\": \"192.0.2.30\"},\n"                                                          \
    "   \"port\": {\"id\": {\"type\": \"mac\", \"value\": \"00:0c:29:01:02:03\"}},\n"              \
    "   \"lldp-med\": {\"inventory\": {\"manufacturer\": \"Camera K.K.\", \"model\": \"C1\",\n"    \
    "     \"serial\": \"9\", \"firmware\": \"1.2\"}}}}]}}\n"
#define LLDP_KEYVALUE                                                                              \
    "lldp.eth0.via=LLDP\n"                                                                         \
    "lldp.eth0.chassis.mac=00:1b:54:aa:bb:cc\n"                                                    \
    "lldp.eth0.chassis.name=sw1\n"                                                                 \
    "lldp.eth0.chassis.descr=Cisco IOS, level=3\n"                                                 \
    "Version 15\n"                                                                                 \
    "lldp.eth0.chassis.mgmt-ip=192.0.2.1\n"                                                        \
    "lldp.eth0.chassis.mgmt-ip=2001:db8::1\n"                                                      \
    "lldp.eth0.port.ifname=Gi0/1\n"                                                                \
    "lldp.bond0.100.via=LLDP\n"                                                                    \
    "lldp.bond0.100.chassis.local=x\n"                                                             \
    "lldp.bond0.100.port.mac=00:0c:29:01:02:03\n"                                                  \
    "lldp.bond0.100.lldp-med.inventory.manufacturer=Camera K.K.\n"                                 \
    "lldp.bond0.100.lldp-med.inventory.software=1.2\n"                                             \
    "lldp.bond0.100.lldp-med.inventory.firmware=0.9\n"
/* Those of a router with MIBs, and of `arp` without -n. */
#define SNMP_ADDRESSES_IN_WORDS                                                                    \
    "IP-MIB::ipAddressIfIndex.ipv4.\"192.0.2.1\" = INTEGER: 2\n"                                   \
    "IP-MIB::ipNetToPhysicalPhysAddress.3.ipv4.\"192.0.2.9\" = STRING: 0:e0:fc:11:22:33\n"         \
    "IP-MIB::ipNetToPhysicalPhysAddress.3.ipv6."                                                   \
    "\"20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01\" = STRING: 0:e0:fc:11:22:34\n"
#define ARP_NAMES                                                                                  \
    "Address                  HWtype  HWaddress           Flags Mask            Iface\n"           \
    "gw.example.jp            ether   00:1b:54:aa:bb:cc   C                     eth0\n"            \
    "old.example.jp                   (incomplete)                              eth0\n"
#define ARP_ROUTER                                                                                 \
    "Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n"                     \
    "Internet  192.0.2.1               5   001b.54aa.bbcc  ARPA   Vlan10\n"                        \
    "Internet  192.0.2.2               0   Incomplete      ARPA\n"                                 \
    "Internet  192.0.2.3               -   00e0.fc11.2233  ARPA   Vlan10\n"

static const struct sample {
    const char *name;
    enum inventory_neighbours format;
    str bytes;
    const char *expected;
    uint64_t passed_over;
} samples[] = {
    {"ip neigh", INVENTORY_IP_NEIGH, T(IP_NEIGH),
     "1 192.0.2.1 00:1b:54:aa:bb:cc on=eth0\n"
     "4 fe80::21b:54ff:feaa:bbcc 00:1b:54:aa:bb:cc on=eth0\n"
     "5 192.0.2.12 02:42:c0:00:02:0c on=br0\n",
     2},
    {"arp", INVENTORY_ARP, T(ARP),
     "1 192.0.2.1 00:1b:54:aa:bb:cc name=gw.example.jp on=eth0\n"
     "3 192.0.2.3 00:1b:54:01:02:03 on=en0\n",
     2},
    {"arp in columns", INVENTORY_ARP, T(ARP_COLUMNS), "2 192.0.2.1 00:1b:54:aa:bb:cc on=eth0\n", 2},
    {"arp of Windows", INVENTORY_ARP, T(ARP_WINDOWS),
     "4 192.0.2.1 00:1b:54:aa:bb:cc on=192.0.2.5\n", 3},
    {"snmpwalk", INVENTORY_SNMPWALK, T(SNMP),
     "12 192.0.2.77 00:0c:29:01:02:03 on=2\n"
     "13 192.0.2.78 00:0c:29:01:02:04 on=2\n"
     "1 192.0.2.1 2001:db8::1 00:1b:54:aa:bb:cc 00:1b:54:aa:bb:cd name=sw1.example.jp "
     "oid=1.3.6.1.4.1.9.1.1208 maker=Cisco model=WS-C2960X serial=FOC1234X0AB "
     "says=Cisco IOS Software, C2960 Software / Version 15.0(2)SE\n",
     1},
    {"snmpwalk with names", INVENTORY_SNMPWALK, T(SNMP_NAMES),
     "1 00:1b:54:aa:bb:cc oid=1.3.6.1.4.1.8072.3.2.10 says=Hardware: x86\n", 0},
    {"lldp", INVENTORY_LLDP, T(LLDP),
     "2 192.0.2.1 2001:db8::1 00:1b:54:aa:bb:cc name=sw1 says=Cisco IOS on=eth0\n"
     "6 192.0.2.30 00:0c:29:01:02:03 maker=Camera K.K. model=C1 serial=9 version=1.2 on=eth1\n",
     0},
    {"lldp as keys and values was no neighbour at all", INVENTORY_LLDP, T(LLDP_KEYVALUE),
     "1 192.0.2.1 2001:db8::1 00:1b:54:aa:bb:cc name=sw1 says=Cisco IOS, level=3 / Version 15 "
     "on=eth0\n"
     "9 00:0c:29:01:02:03 maker=Camera K.K. version=1.2 on=bond0.100\n",
     0},
    {"neighbours whose address is in words were lost in silence", INVENTORY_SNMPWALK,
     T(SNMP_ADDRESSES_IN_WORDS),
     "2 192.0.2.9 00:e0:fc:11:22:33 on=3\n3 2001:db8::1 00:e0:fc:11:22:34 on=3\n1 192.0.2.1\n", 0},
    {"arp with a name in place of the address was told off", INVENTORY_ARP, T(ARP_NAMES),
     "2 00:1b:54:aa:bb:cc name=gw.example.jp on=eth0\n", 2},
    {"a router's table was passed over in silence", INVENTORY_ARP, T(ARP_ROUTER),
     "2 192.0.2.1 00:1b:54:aa:bb:cc on=Vlan10\n4 192.0.2.3 00:e0:fc:11:22:33 on=Vlan10\n", 2},
};

struct told {
    char at[8192];
    struct text text;
    size_t count;
};

static void said(struct text *text, const char *word, str value) {
    if (value.len == 0) return;
    text_format(text, " %s=", word);
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '\n')
            text_add_c(text, " / ");
        else if (value.at[i] != '\r')
            text_add_char(text, value.at[i]);
    }
}

static enum error_code told_device(void *self, const struct inventory_device *device,
                                   struct error *e) {
    struct told *told = self;
    struct text *text = &told->text;
    char address[GEO_TEXT_BYTES], mac[INVENTORY_MAC_TEXT_BYTES];
    told->count++;
    text_format(text, "%llu", (unsigned long long)device->line);
    for (size_t i = 0; i < device->address_count; i++) {
        geo_address_write(&device->addresses[i], address);
        text_format(text, " %s", address);
    }
    for (size_t i = 0; i < device->mac_count; i++) {
        inventory_mac_write(&device->macs[i], mac);
        text_format(text, " %s", mac);
    }
    said(text, "name", device->name);
    said(text, "oid", device->object_id);
    said(text, "maker", device->manufacturer);
    said(text, "model", device->model);
    said(text, "serial", device->serial);
    said(text, "version", device->version);
    said(text, "says", device->description);
    said(text, "on", device->interface);
    text_add_char(text, '\n');
    return OK;
}

static unsigned char memory[1 << 20], problems_memory[1 << 16];
static struct told told;

static enum error_code read_as(enum inventory_neighbours format, str bytes,
                               struct inventory_device_report *report, struct error *e) {
    struct arena arena = arena_over(problems_memory, sizeof problems_memory);
    struct inventory_device_sink sink = {told_device, &told};
    told.text = text_into(told.at, sizeof told.at);
    told.count = 0;
    return inventory_devices_read(STR("f.txt"), bytes, format, &sink, &arena,
                                  arena_over(memory, sizeof memory), report, e);
}

static void each_table_gives_its_devices(void **state) {
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *s = &samples[i];
        struct inventory_device_report report;
        struct error e;
        enum error_code code = read_as(INVENTORY_NEIGHBOURS_ANY, s->bytes, &report, &e);
        if (code != OK) fail_msg("row \"%s\": %s", s->name, e.message);
        if (!str_equal(text_str(&told.text), str_from_c(s->expected)))
            fail_msg("row \"%s\": got\n%.*s", s->name, STR_FMT(text_str(&told.text)));
        assert_row(s->name, report.format == s->format);
        assert_row(s->name, report.devices == told.count);
        assert_row(s->name, report.passed_over == s->passed_over);
        assert_row(s->name, report.problems.total == 0);
    }
}

static const struct {
    const char *name;
    enum inventory_neighbours format;
    const char *bytes, *devices, *problem;
} cases[] = {
    {"a line without its state", INVENTORY_IP_NEIGH,
     "192.0.2.1 dev eth0 lladdr 00:1b:54:aa:bb:cc\n192.0.2.2 dev e lladdr 2:0:0:0:0:1 STALE\n",
     "2 192.0.2.2 02:00:00:00:00:01 on=e\n",
     "f.txt:1: expected a line of `ip neigh`: its state is last, found \"192.0.2.1 dev eth0 lladdr "
     "00:1b:54:aa:bb:cc\""},
    {"no hardware address", INVENTORY_IP_NEIGH,
     "192.0.2.1 dev eth0 lladdr 00:1b:54 STALE\n192.0.2.2 dev e lladdr 2:0:0:0:0:1 STALE\n",
     "2 192.0.2.2 02:00:00:00:00:01 on=e\n",
     "f.txt:1: expected a line of `ip neigh`: a hardware address follows lladdr, found \"192.0.2.1 "
     "dev "
     "eth0 lladdr 00:1b:54 STALE\""},
    {"a sysObjectID by a name we do not know", INVENTORY_SNMPWALK,
     ".1.3.6.1.2.1.1.2.0 = OID: CISCO-PRODUCTS-MIB::x\n.1.3.6.1.2.1.1.5.0 = STRING: \"n\"\n",
     "1 name=n\n",
     "f.txt:1: expected the number of an object for sysObjectID, found \"CISCO-PRODUCTS-MIB::x\"; "
     "`snmpwalk -On` prints numbers"},
    {"an agent that has none", INVENTORY_SNMPWALK,
     ".1.3.6.1.2.1.1.1.0 = No Such Object available on this agent at this OID\n.1.3.6.1.2.1.1.5.0 "
     "= "
     "STRING: \"n\"\n",
     "1 name=n\n", NULL},
    {"another file", INVENTORY_SNMPWALK, "hello\n", NULL,
     "f.txt:1: expected an object and its value, as \".1.3.6.1.2.1.1.1.0 = STRING: …\", found "
     "\"hello\""},
    {"what was nothing known was called a line of arp", INVENTORY_NEIGHBOURS_ANY, "hello\n", NULL,
     "f.txt: expected a device in what `ip neigh`, `arp`, `snmpwalk -On` or `lldpctl -f json` "
     "prints, found none"},
    {"what PowerShell wrote was an empty line of arp", INVENTORY_NEIGHBOURS_ANY, "\xff\xfe\r", NULL,
     "f.txt: expected UTF-8, found UTF-16, as PowerShell writes it: convert it with `iconv -f "
     "UTF-16 -t UTF-8`"},
    {"a key that is too short for an interface", INVENTORY_LLDP,
     "lldp.via=LLDP\nlldp.e.via=LLDP\nlldp.e.chassis.mac=2:0:0:0:0:1\nlldp.f.via=LLDP\n",
     "2 02:00:00:00:00:01 on=e\n",
     "f.txt:4: expected a neighbour with a hardware address or an address, found neither"},
    {"LLDP that is cut", INVENTORY_LLDP,
     "{\"lldp\": {\"interface\": {\"eth0\": {\"chassis\": {\"id\": {\"type\": \"mac\", \"value\": "
     "\"00:1b:54:aa:bb:cc\"}}},\n\"eth1\": {\"chas",
     "1 00:1b:54:aa:bb:cc on=eth0\n",
     "f.txt:2: expected the end of a text at byte 114, where the file ends; what stands before was "
     "read"},
};

static void what_cannot_be_read_is_told_and_the_rest_is_kept(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *name = cases[i].name;
        struct inventory_device_report report = {0};
        struct error e;
        enum error_code code = read_as(cases[i].format, str_from_c(cases[i].bytes), &report, &e);
        str problem = code != OK                  ? str_from_c(e.message)
                      : report.problems.count > 0 ? report.problems.at[0]
                                                  : STR_EMPTY;
        if ((cases[i].devices == NULL) != (code == FAIL_SYNTAX))
            fail_msg("row \"%s\": %s", name, code == OK ? "read" : e.message);
        if (code == OK && !str_equal(text_str(&told.text), str_from_c(cases[i].devices)))
            fail_msg("row \"%s\": got\n%.*s", name, STR_FMT(text_str(&told.text)));
        if (!str_equal(problem, str_from_c(cases[i].problem)))
            fail_msg("row \"%s\": told \"%.*s\"", name, STR_FMT(problem));
    }
}

static void cut_anywhere_it_says_so(void **state) {
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *s = &samples[i];
        for (size_t count = 0; count < s->bytes.len; count++) {
            struct inventory_device_report report = {0};
            struct error e;
            char *own = malloc(count + 1); /* its own, so that a byte too far is seen */
            memcpy(own, s->bytes.at, count);
            enum error_code code = read_as(s->format, str_of(own, count), &report, &e);
            assert_row(s->name, code == OK || code == FAIL_SYNTAX);
            bool is_line_end = count == 0 || own[count - 1] == '\n';
            bool is_text = s->bytes.at[0] != '{' && is_line_end;
            bool is_only_space = str_trim(str_skip(s->bytes, count)).len <= 1;
            if (code == OK && report.problems.total == 0 && !is_text && !is_only_space)
                fail_msg("row \"%s\": cut at byte %zu and nobody was told", s->name, count);
            free(own);
        }
    }
}

static void with_any_byte_changed_it_answers(void **state) {
    static const char others[] = {0, '\n', '"', '{', ']', ':', '.', '=', ' ', '9', 'x', '\xff'};
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *s = &samples[i];
        char *own = malloc(s->bytes.len);
        memcpy(own, s->bytes.at, s->bytes.len);
        for (size_t at = 0; at < s->bytes.len; at++) {
            for (size_t k = 0; k < COUNT_OF(others); k++) {
                struct inventory_device_report report = {0};
                struct error e;
                own[at] = others[k];
                enum error_code code = read_as(s->format, str_of(own, s->bytes.len), &report, &e);
                assert_row(s->name, code == OK || code == FAIL_SYNTAX);
            }
            own[at] = s->bytes.at[at];
        }
        free(own);
    }
}

static void hardware_addresses_are_read_as_they_are_written(void **state) {
    static const struct {
        const char *text, *read;
    } macs[] = {{"00:1b:54:aa:bb:cc", "00:1b:54:aa:bb:cc"},
                {"00-1B-54-AA-BB-CC", "00:1b:54:aa:bb:cc"},
                {"001b.54aa.bbcc", "00:1b:54:aa:bb:cc"},
                {"0:1b:54:a:b:c", "00:1b:54:0a:0b:0c"},
                {"00 1B 54 AA BB CC ", "00:1b:54:aa:bb:cc"},
                {"00:1b:54:aa:bb", NULL},
                {"00:1b:54:aa:bb:cc:dd", NULL},
                {"00:1b:54:aa:bb:ccc", NULL},
                {"001b54aabbcc", NULL},
                {"", NULL},
                {":::::", NULL},
                {"00:1b-54:aa:bb:cc", NULL}};
    for (size_t i = 0; i < COUNT_OF(macs); i++) {
        struct inventory_mac mac;
        char text[INVENTORY_MAC_TEXT_BYTES];
        bool is_read = inventory_mac_read(str_from_c(macs[i].text), &mac);
        assert_row(macs[i].text, is_read == (macs[i].read != NULL));
        if (!is_read) continue;
        inventory_mac_write(&mac, text);
        assert_string_equal(text, macs[i].read);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_table_gives_its_devices),
        cmocka_unit_test(what_cannot_be_read_is_told_and_the_rest_is_kept),
        cmocka_unit_test(cut_anywhere_it_says_so),
        cmocka_unit_test(with_any_byte_changed_it_answers),
        cmocka_unit_test(hardware_addresses_are_read_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
