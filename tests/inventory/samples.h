/* A sample of each format, written after what the programs' documentation shows; and what is read of it. */
#ifndef AZEKURA_TESTS_INVENTORY_SAMPLES_H
#define AZEKURA_TESTS_INVENTORY_SAMPLES_H

#include "inventory/inventory.h"

#define LIST                                                                                       \
    "# machines of the plant\n"                                                                    \
    "web.example.jp\n"                                                                             \
    "203.0.113.7   ; the old one\n"                                                                \
    "\n"                                                                                           \
    "198.51.100.0/24\r\n"                                                                          \
    "https://user:secret@API.example.jp:8443/v1?q=1#top\n"                                         \
    "192.0.2.10 db.example.jp db\n"                                                                \
    "[2001:db8::1]:443\n"                                                                          \
    "s3://records/2026\n"

#define ZONE                                                                                       \
    "$ORIGIN example.jp.\n"                                                                        \
    "$TTL 1h\n"                                                                                    \
    "@ IN SOA ns1 root.example.jp. ( 2026112201 ; serial\n"                                        \
    "        7200 900 1209600 300 )\n"                                                             \
    "  NS ns1\n"                                                                                   \
    "  NS ns.provider.example.\n"                                                                  \
    "  MX 10 mail\n"                                                                               \
    "  MX 20 mx.provider.example.\n"                                                               \
    "  TXT \"v=spf1 ; -all\" \"two\"\n"                                                            \
    "ns1 A 192.0.2.53\n"                                                                           \
    "    300 IN AAAA 2001:db8::53\n"                                                               \
    "MAIL IN 300 A 192.0.2.25\n"                                                                   \
    "www CNAME d111.cloudfront.net.\n"                                                             \
    "_sip._tcp SRV 0 5 5060 sip.provider.example.\n"                                               \
    "$GENERATE 1-2 node-${0,2,d} A 192.0.2.$\n"                                                    \
    "back 60 A 198.51.100.1\n"                                                                     \
    "     A 198.51.100.2\n"

#define REVERSE                                                                                    \
    "$ORIGIN 2.0.192.in-addr.arpa.\n"                                                              \
    "7 IN PTR web.example.jp.\n"                                                                   \
    "$ORIGIN 8.b.d.0.1.0.0.2.ip6.arpa.\n"                                                          \
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 IN PTR six.example.jp.\n"

#define CSV                                                                                        \
    "Name,Host name,\"IP Address\",Provider,Region,Country,System,Data class,Criticality\n"        \
    "Billing,bill.example.jp,203.0.113.9,AWS,ap-northeast-1a,JP,billing,x,important\n"             \
    "\"Map, old\",,\"203.0.113.10;2001:db8::a\",,,KR,,x,\n"                                        \
    "backup.example.jp,,,Sakura,,JP,billing,\"said \"\"so\"\"\",ordinary\n"

#define CSV_JA                                                                                     \
    "ホスト名;IPアドレス;国;重要度;所有者\n"                                        \
    "www.example.jp;203.0.113.11;JP;重要;情報部\n"

#define JSON                                                                                       \
    "{\"date\": \"2026-11-22\", \"servers\": [\n"                                                  \
    "  \"a.example.jp\",\n"                                                                        \
    "  {\"name\": \"front\", \"ip\": \"203.0.113.20\", \"country\": \"JP\"},\n"                    \
    "  {\"hostname\": \"b.example.jp\", \"ips\": [\"203.0.113.21\", \"203.0.113.22\"],\n"          \
    "   \"networkInterfaces\": [{\"networkIP\": \"10.0.0.2\", \"network\": \"default\"}],\n"       \
    "   \"zone\": \"https://compute.example/zones/asia-northeast1-b\", \"provider\": "             \
    "\"google\"}\n"                                                                                \
    "]}\n"

#define JSON_LINES                                                                                 \
    "{\"host\": \"one.example.jp\", \"country\": \"JP\"}\n"                                        \
    "{\"host\": \"two.example.jp\"}\n"                                                             \
    "{\"host\": \"three.example.jp\"}\n"

#define JSON_NAMED                                                                                 \
    "{\"web-1\": {\"ip\": \"203.0.113.30\"}, \"web-2.example.jp\": {\"ip\": \"203.0.113.31\"}}\n"

#define ANSIBLE                                                                                    \
    "{\"_meta\": {\"hostvars\": {\n"                                                               \
    "   \"web1\": {\"ansible_host\": \"203.0.113.40\", \"country\": \"JP\", \"ntp\": [\"x\"]},\n"  \
    "   \"db.example.jp\": {\"system\": \"billing\"}}},\n"                                         \
    " \"all\": {\"children\": [\"ungrouped\", \"web\"]},\n"                                        \
    " \"web\": {\"hosts\": [\"web1\", \"bare.example.jp\"]}}\n"

#define ANSIBLE_INI                                                                                \
    "# machines of the plant\n"                                                                    \
    "jump.example.jp\n"                                                                            \
    "[all:vars]\n"                                                                                 \
    "country=JP\n"                                                                                 \
    "ansible_password = hidden # no\n"                                                             \
    "[site:children]\n"                                                                            \
    "web\n"                                                                                        \
    "db # the old ones\n"                                                                          \
    "[site:vars]\n"                                                                                \
    "system=billing\n"                                                                             \
    "owner = \"Jo Doe\"\n"                                                                         \
    "[web]\n"                                                                                      \
    "web[01:03].example.jp:2222 class=important\n"                                                 \
    "edge ansible_host=203.0.113.41 country=KR ansible_user='a b'\n"                               \
    "[db]\n"                                                                                       \
    "db-[a:b] ansible_port=22\n"                                                                   \
    "web02.example.jp\n"                                                                           \
    "[2001:db8::5]:22 system=\"the map\"\n"

#define ANSIBLE_YAML                                                                               \
    "---\n"                                                                                        \
    "all:\n"                                                                                       \
    "  vars: {country: JP}\n"                                                                      \
    "  hosts:\n"                                                                                   \
    "    jump.example.jp:\n"                                                                       \
    "  children:\n"                                                                                \
    "    site:\n"                                                                                  \
    "      vars:\n"                                                                                \
    "        system: billing\n"                                                                    \
    "      children:\n"                                                                            \
    "        web:\n"                                                                               \
    "          vars: {system: map, ansible_password: hidden}\n"                                    \
    "          hosts:\n"                                                                           \
    "            web[1:2].example.jp:\n"                                                           \
    "              class: important\n"                                                             \
    "            edge: {ansible_host: 203.0.113.42, country: KR}\n"                                \
    "        db:\n"                                                                                \
    "          hosts:\n"                                                                           \
    "            db1:\n"                                                                           \
    "              ips: [10.0.0.1, 10.0.0.2]\n"

#define KUBERNETES_JSON                                                                            \
    "{\"apiVersion\": \"v1\",\n"                                                                   \
    " \"items\": [\n"                                                                              \
    "  {\"apiVersion\": \"v1\", \"kind\": \"Node\",\n"                                             \
    "   \"metadata\": {\"name\": \"worker-1.plant.example\", \"uid\": \"x\", \"annotations\": "    \
    "{\"host\": \"203.0.113.99\"},\n"                                                              \
    "    \"labels\": {\"topology.kubernetes.io/region\": \"ap-northeast-1\", "                     \
    "\"topology.kubernetes.io/zone\": \"ap-northeast-1a\"}},\n"                                    \
    "   \"spec\": {\"podCIDR\": \"10.42.0.0/24\", \"providerID\": "                                \
    "\"aws:///ap-northeast-1a/i-0abc\"},\n"                                                        \
    "   \"status\": {\"addresses\": [{\"type\": \"InternalIP\", \"address\": \"10.0.1.5\"}, "      \
    "{\"type\": \"Hostname\", \"address\": \"worker-1\"},\n"                                       \
    "    {\"type\": \"ExternalIP\", \"address\": \"203.0.113.80\"}, {\"type\": \"InternalDNS\", "  \
    "\"address\": \"worker-1.plant.example\"},\n"                                                  \
    "    {\"type\": \"ExternalDNS\", \"address\": \"w1.example.jp\"}]}},\n"                        \
    "  {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"web\"}, "            \
    "\"status\": {\"podIP\": \"10.42.0.7\"}},\n"                                                   \
    "  {\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"worker-2\", "       \
    "\"labels\": {\"topology.kubernetes.io/zone\": \"asia-northeast1-b\"}},\n"                     \
    "   \"spec\": {\"providerID\": \"gce://p/asia-northeast1-b/worker-2\"},\n"                     \
    "   \"status\": {\"addresses\": [{\"type\": \"InternalIP\", \"address\": \"10.0.1.6\"}, "      \
    "{\"type\": \"InternalIP\", \"address\": \"2001:db8::6\"},\n"                                  \
    "    {\"type\": \"Hostname\", \"address\": \"10.0.1.6\"}]}}],\n"                               \
    " \"kind\": \"List\", \"metadata\": {\"resourceVersion\": \"\"}}\n"

#define KUBERNETES_YAML                                                                            \
    "apiVersion: v1\n"                                                                             \
    "items:\n"                                                                                     \
    "- apiVersion: v1\n"                                                                           \
    "  kind: Node\n"                                                                               \
    "  metadata:\n"                                                                                \
    "    labels:\n"                                                                                \
    "      topology.kubernetes.io/region: home\n"                                                  \
    "    name: rack-1\n"                                                                           \
    "  spec:\n"                                                                                    \
    "    podCIDR: 10.42.0.0/24\n"                                                                  \
    "    providerID: k3s://rack-1\n"                                                               \
    "  status:\n"                                                                                  \
    "    addresses:\n"                                                                             \
    "    - address: 192.168.1.5\n"                                                                 \
    "      type: InternalIP\n"                                                                     \
    "    - address: rack-1\n"                                                                      \
    "      type: Hostname\n"                                                                       \
    "- apiVersion: v1\n"                                                                           \
    "  kind: Node\n"                                                                               \
    "  metadata:\n"                                                                                \
    "    name: rack-2\n"                                                                           \
    "kind: List\n"                                                                                 \
    "metadata:\n"                                                                                  \
    "  resourceVersion: \"\"\n"

#define CYCLONEDX                                                                                  \
    "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\",\n"                                   \
    " \"metadata\": {\"component\": {\"type\": \"application\", \"name\": \"billing\"}},\n"        \
    " \"components\": [{\"type\": \"library\", \"name\": \"log.core\", \"components\": [\n"        \
    "   {\"type\": \"device\", \"name\": \"meter\", \"properties\": [\n"                           \
    "     {\"name\": \"cdx:device:ipAddress\", \"value\": \"203.0.113.50\"}]}]}],\n"               \
    " \"services\": [{\"name\": \"payments\", \"provider\": {\"name\": \"Pay Inc.\"},\n"           \
    "   \"endpoints\": [\"https://pay.example.com/v1\"],\n"                                        \
    "   \"data\": [{\"flow\": \"outbound\", \"classification\": \"PII\"}],\n"                      \
    "   \"services\": [{\"name\": \"cards\", \"endpoints\": "                                      \
    "[\"https://cards.example.com\"]}]}]}\n"

#define TERRAFORM                                                                                  \
    "{\"version\": 4, \"terraform_version\": \"1.9.8\", \"serial\": 7, \"lineage\": \"a-b\",\n"    \
    " \"outputs\": {\"password\": {\"value\": \"10.9.9.9\", \"sensitive\": true}},\n"              \
    " \"resources\": [\n"                                                                          \
    " {\"mode\": \"data\", \"type\": \"aws_ami\", \"name\": \"base\",\n"                           \
    "  \"provider\": \"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\",\n"                 \
    "  \"instances\": [{\"attributes\": {\"ip_address\": \"192.0.2.99\"}}]},\n"                    \
    " {\"module\": \"module.web\", \"mode\": \"managed\", \"type\": \"aws_instance\",\n"           \
    "  \"name\": \"front\",\n"                                                                     \
    "  \"provider\": \"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\",\n"                 \
    "  \"instances\": [{\"index_key\": 0, \"attributes\": {\"ami\": \"ami-1\",\n"                  \
    "    \"availability_zone\": \"ap-northeast-1a\", \"public_ip\": \"203.0.113.60\",\n"           \
    "    \"private_ip\": \"10.0.0.5\", \"tags\": {\"System\": \"billing\"}}},\n"                   \
    "   {\"index_key\": 1, \"attributes\": {\"availability_zone\": \"us-east-1c\",\n"              \
    "    \"public_ip\": \"203.0.113.61\", \"private_ip\": \"10.0.0.6\", \"tags\": null}}]},\n"     \
    " {\"mode\": \"managed\", \"type\": \"aws_eip\", \"name\": \"front\",\n"                       \
    "  \"provider\": \"provider.aws\", \"instances\": [{\"attributes\": {\n"                       \
    "    \"public_ip\": \"203.0.113.60\", \"instance\": \"i-1\"}}]},\n"                            \
    " {\"mode\": \"managed\", \"type\": \"aws_s3_bucket\", \"name\": \"records\",\n"               \
    "  \"provider\": \"provider.aws\", \"instances\": [{\"attributes\": {\n"                       \
    "    \"bucket\": \"records\", \"region\": \"ap-southeast-1\"}}]},\n"                           \
    " {\"mode\": \"managed\", \"type\": \"azurerm_linux_virtual_machine\", \"name\": \"app\",\n"   \
    "  \"provider\": \"provider[\\\"registry.terraform.io/hashicorp/azurerm\\\"]\",\n"             \
    "  \"instances\": [{\"attributes\": {\"location\": \"japaneast\",\n"                           \
    "    \"public_ip_address\": \"203.0.113.62\", \"admin_password\": \"10.8.8.8\"}}]},\n"         \
    " {\"mode\": \"managed\", \"type\": \"google_compute_instance\", \"name\": \"job\",\n"         \
    "  \"provider\": \"provider[\\\"registry.terraform.io/hashicorp/google\\\"]\",\n"              \
    "  \"instances\": [{\"attributes\": {\"zone\": \"asia-northeast1-a\",\n"                       \
    "    \"network_interface\": [{\"network_ip\": \"10.1.0.2\",\n"                                 \
    "     \"access_config\": [{\"nat_ip\": \"203.0.113.63\"}]}]}}]},\n"                            \
    " {\"mode\": \"managed\", \"type\": \"aws_iam_role\", \"name\": \"r\",\n"                      \
    "  \"provider\": \"provider.aws\", \"instances\": [{\"attributes\": {\"name\": \"r\"}}]}\n"    \
    "]}\n"

#define EC2                                                                                        \
    "{\"Reservations\": [{\"Instances\": [{\"InstanceId\": \"i-0abc\",\n"                          \
    "   \"PublicIpAddress\": \"203.0.113.70\", \"PrivateIpAddress\": \"10.0.1.5\",\n"              \
    "   \"PublicDnsName\": \"ec2-203-0-113-70.ap-northeast-1.compute.amazonaws.com\",\n"           \
    "   \"Placement\": {\"AvailabilityZone\": \"ap-northeast-1c\"},\n"                             \
    "   \"Tags\": [{\"Key\": \"Name\", \"Value\": \"front\"}, {\"Key\": \"Class\", \"Value\": "    \
    "\"important\"}],\n"                                                                           \
    "   \"NetworkInterfaces\": [{\"PrivateIpAddresses\": [{\"PrivateIpAddress\": "                 \
    "\"10.0.1.6\"}],\n"                                                                            \
    "     \"Ipv6Addresses\": [{\"Ipv6Address\": \"2001:db8::70\"}]}]}], \"OwnerId\": \"1234\"},\n" \
    " {\"Instances\": [{\"InstanceId\": \"i-gone\"}], \"OwnerId\": \"1234\"}]}\n"

struct sample {
    const char *name, *file;
    enum inventory_format format;
    str bytes;
    const char *expected;
    uint64_t passed_over;
};
#define T(text)                                                                                    \
    { "" text, sizeof(text) - 1 }

static const struct sample samples[] = {
    {"list", "hosts.txt", INVENTORY_LIST, T(LIST),
     "2 web.example.jp\n"
     "3 203.0.113.7\n"
     "5 198.51.100.0/24\n"
     "6 api.example.jp url=https://API.example.jp:8443/v1?q=1#top\n"
     "7 db.example.jp db 192.0.2.10\n"
     "8 2001:db8::1\n"
     "9 records.s3.amazonaws.com url=s3://records/2026 provider=aws store=s3://records/2026\n",
     0},
    {"zone", "example.jp.zone", INVENTORY_ZONE, T(ZONE),
     "6 ns.provider.example label=example.jp kind=NS\n"
     "8 mx.provider.example label=example.jp kind=MX\n"
     "10 ns1.example.jp 192.0.2.53 2001:db8::53\n"
     "12 mail.example.jp 192.0.2.25\n"
     "13 www.example.jp to=d111.cloudfront.net\n"
     "14 sip.provider.example label=_sip._tcp.example.jp kind=SRV\n"
     "15 node-01.example.jp 192.0.2.1\n"
     "15 node-02.example.jp 192.0.2.2\n"
     "16 back.example.jp 198.51.100.1 198.51.100.2\n",
     4},
    {"reverse zone", "2.0.192", INVENTORY_ZONE, T(REVERSE),
     "2 web.example.jp 192.0.2.7\n"
     "4 six.example.jp 2001:db8::1\n",
     0},
    {"csv", "servers.csv", INVENTORY_CSV, T(CSV),
     "2 bill.example.jp 203.0.113.9 label=Billing provider=aws region=ap-northeast-1 country=JP "
     "system=billing class=important\n"
     "3 203.0.113.10 2001:db8::a label=Map, old country=KR\n"
     "4 backup.example.jp label=backup.example.jp provider=Sakura country=JP system=billing "
     "class=ordinary\n",
     0},
    {"csv in Japanese", "daicho.csv", INVENTORY_CSV, T(CSV_JA),
     "2 www.example.jp 203.0.113.11 country=JP owner=情報部 class=重要\n", 0},
    {"json", "servers.json", INVENTORY_JSON, T(JSON),
     "2 a.example.jp\n"
     "3 203.0.113.20 label=front country=JP\n"
     "4 b.example.jp 203.0.113.21 203.0.113.22 10.0.0.2 provider=gcp region=asia-northeast1\n",
     0},
    {"json lines", "servers.jsonl", INVENTORY_JSON, T(JSON_LINES),
     "1 one.example.jp country=JP\n"
     "2 two.example.jp\n"
     "3 three.example.jp\n",
     0},
    {"json by name", "named.json", INVENTORY_JSON, T(JSON_NAMED),
     "1 web-1 203.0.113.30 label=web-1\n"
     "1 web-2.example.jp 203.0.113.31 label=web-2.example.jp\n",
     0},
    {"ansible", "ansible.json", INVENTORY_ANSIBLE, T(ANSIBLE),
     "2 web1 203.0.113.40 label=web1 country=JP\n"
     "3 db.example.jp label=db.example.jp system=billing\n"
     "5 bare.example.jp label=bare.example.jp kind=web\n",
     0},
    {"ansible in INI", "hosts", INVENTORY_ANSIBLE, T(ANSIBLE_INI),
     "2 jump.example.jp label=jump.example.jp country=JP\n"
     "13 web01.example.jp label=web01.example.jp country=JP system=billing owner=Jo Doe kind=web "
     "class=important\n"
     "13 web02.example.jp label=web02.example.jp country=JP system=billing owner=Jo Doe kind=web "
     "class=important\n"
     "13 web03.example.jp label=web03.example.jp country=JP system=billing owner=Jo Doe kind=web "
     "class=important\n"
     "14 edge 203.0.113.41 label=edge country=KR system=billing owner=Jo Doe kind=web\n"
     "16 db-a label=db-a country=JP system=billing owner=Jo Doe kind=db\n"
     "16 db-b label=db-b country=JP system=billing owner=Jo Doe kind=db\n"
     "18 2001:db8::5 label=2001:db8::5 country=JP system=the map owner=Jo Doe kind=db\n",
     0},
    {"ansible in YAML", "plant.yml", INVENTORY_ANSIBLE, T(ANSIBLE_YAML),
     "5 jump.example.jp label=jump.example.jp country=JP\n"
     "14 web1.example.jp label=web1.example.jp country=JP system=map kind=web class=important\n"
     "14 web2.example.jp label=web2.example.jp country=JP system=map kind=web class=important\n"
     "16 edge 203.0.113.42 label=edge country=KR system=map kind=web\n"
     "19 db1 10.0.0.1 10.0.0.2 label=db1 country=JP system=billing kind=db\n",
     0},
    {"cyclonedx", "bom.json", INVENTORY_CYCLONEDX, T(CYCLONEDX),
     "4 203.0.113.50 label=meter system=billing kind=device\n"
     "6 pay.example.com url=https://pay.example.com/v1 label=payments provider=Pay Inc. "
     "system=billing kind=service class=PII\n"
     "9 cards.example.com url=https://cards.example.com label=cards system=billing kind=service\n",
     1},
    {"terraform", "prod.tfstate", INVENTORY_TERRAFORM, T(TERRAFORM),
     "10 203.0.113.60 10.0.0.5 label=module.web.aws_instance.front[0] provider=aws "
     "region=ap-northeast-1 system=billing kind=aws_instance\n"
     "13 203.0.113.61 10.0.0.6 label=module.web.aws_instance.front[1] provider=aws "
     "region=us-east-1 kind=aws_instance\n"
     "19 label=aws_s3_bucket.records provider=aws region=ap-southeast-1 store=s3://records "
     "kind=aws_s3_bucket\n"
     "23 203.0.113.62 label=azurerm_linux_virtual_machine.app provider=azure region=japaneast "
     "kind=azurerm_linux_virtual_machine\n"
     "27 10.1.0.2 203.0.113.63 label=google_compute_instance.job provider=gcp "
     "region=asia-northeast1 kind=google_compute_instance\n",
     3},
    {"nodes of kubernetes", "nodes.json", INVENTORY_KUBERNETES, T(KUBERNETES_JSON),
     "3 worker-1.plant.example w1.example.jp worker-1 203.0.113.80 10.0.1.5 "
     "label=worker-1.plant.example provider=aws region=ap-northeast-1 kind=Node\n"
     "11 worker-2 10.0.1.6 2001:db8::6 label=worker-2 provider=gcp region=asia-northeast1 "
     "kind=Node\n",
     1},
    {"nodes of kubernetes in YAML", "nodes.yaml", INVENTORY_KUBERNETES, T(KUBERNETES_YAML),
     "3 rack-1 192.168.1.5 label=rack-1 region=home kind=Node\n"
     "18 rack-2 label=rack-2 kind=Node\n",
     0},
    {"ec2", "ec2.json", INVENTORY_EC2, T(EC2),
     "1 ec2-203-0-113-70.ap-northeast-1.compute.amazonaws.com 203.0.113.70 10.0.1.5 10.0.1.6 "
     "2001:db8::70 label=front provider=aws region=ap-northeast-1 owner=1234 kind=ec2-instance "
     "class=important\n",
     1},
};

/* Servers as lines, so that a table can be read. */
struct told {
    char at[16384];
    struct text text;
    size_t count;
};
static inline void told_begin(struct told *told) {
    told->text = text_into(told->at, sizeof told->at);
    told->count = 0;
}
static inline enum error_code told_server(void *self, const struct inventory_server *server,
                                          struct error *e) {
    struct told *told = self;
    struct text *text = &told->text;
    char address[GEO_TEXT_BYTES];
    told->count++;
    text_format(text, "%llu", (unsigned long long)server->line);
    if (server->name.len > 0) text_format(text, " %.*s", STR_FMT(server->name));
    for (size_t i = 0; i < server->alias_count; i++)
        text_format(text, " %.*s", STR_FMT(server->aliases[i]));
    for (size_t i = 0; i < server->address_count; i++) {
        geo_address_write(&server->addresses[i], address);
        text_format(text, " %s", address);
    }
    if (server->has_network) {
        geo_network_write(&server->network, address);
        text_format(text, " %s", address);
    }
    if (server->url.len > 0) text_format(text, " url=%.*s", STR_FMT(server->url));
    if (server->target.len > 0) text_format(text, " to=%.*s", STR_FMT(server->target));
    for (size_t i = 0; i < INVENTORY_FIELD_COUNT; i++)
        if (server->said[i].len > 0)
            text_format(text, " %s=%.*s", inventory_field_name((enum inventory_field)i),
                        STR_FMT(server->said[i]));
    text_add_char(text, '\n');
    return OK;
}

#endif
