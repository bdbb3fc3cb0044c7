#!/usr/bin/env bash
# The packages build, install, start, answer and go away, and leave what was kept. Everything after
# the build happens in a copy-on-write view of this system with a network of its own, so nothing of
# the machine is changed. Ends with 77 (skipped), saying why, where that view cannot be made.
# Usage: test_deb.sh SOURCE-ROOT [FOLDER-OF-PACKAGES]
set -uo pipefail
root=$(realpath "$1")
skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "needs root for a file system and a network of its own"
unshare --mount --net true 2>/dev/null || skip "namespaces are not allowed here"
work=$(mktemp -d "${TMPDIR:-/tmp}/azekura-deb-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
packages=${2:-$work/packages}
[ $# -ge 2 ] || "$root/tools/deb" "$packages" || exit 1
cp "$packages"/azekura_*.deb "$work/azekura.deb" && cp "$packages"/azekura-verify_*.deb "$work/azekura-verify.deb" || exit 1

cat >"$work/inside" <<'INSIDE'
#!/bin/bash
# In the view: $1 is where the packages lie.
set -u
bad=0
fail() { echo "FAIL: $*"; bad=1; }
have() { [ -e "$1" ] || fail "$1 is not there"; }
gone() { [ ! -e "$1" ] || fail "$1 is still there"; }
quiet() { "$@" >/tmp/quiet 2>&1 || { fail "$*"; cat /tmp/quiet; }; }

quiet dpkg -i "$1/azekura-verify.deb" "$1/azekura.deb"
for path in /usr/bin/azekura /usr/bin/azekura-verify /usr/share/azekura/rulebooks/jp-guideline.yaml \
  /usr/share/doc/azekura/examples/register/sites.yaml /usr/share/doc/azekura/examples/azekura.yaml \
  /usr/share/azekura/address-data/geo-whois-asn-country.mmdb \
  /usr/share/azekura/address-data/asn/asn-ipv4.csv /etc/azekura/azekura.yaml /etc/azekura/register \
  /lib/systemd/system/azekura.service /usr/share/man/man1/azekura.1.gz /usr/share/man/man5/azekura.yaml.5.gz \
  /usr/share/bash-completion/completions/azekura; do have "$path"; done
dpkg-query -W -f='${Conffiles}\n' azekura | grep -q '/etc/azekura/azekura.yaml' || fail "azekura.yaml is no conffile"
getent passwd azekura | grep -q '/var/lib/azekura:/usr/sbin/nologin$' || fail "no user azekura as it should be"
[ "$(stat -c '%U %a' /var/lib/azekura 2>&1)" = "azekura 700" ] || fail "/var/lib/azekura: $(stat -c '%U %a' /var/lib/azekura 2>&1)"
[ -z "$(find /etc/systemd -name 'azekura.service')" ] || fail "the service is enabled"
quiet systemd-analyze verify --man=no /lib/systemd/system/azekura.service
[ ! -s /tmp/quiet ] || { fail "systemd-analyze verify complains"; cat /tmp/quiet; }

# Started as the unit starts it: its ExecStart, its user, its folder.
unit() { sed -nE "s/^$1=(.*)/\1/p" /lib/systemd/system/azekura.service; }
start=$(unit ExecStart)
serve() { # shellcheck disable=SC2086
  cd "$(unit WorkingDirectory)" && umask "$(unit UMask)" &&
    exec setpriv --reuid "$(unit User)" --regid "$(unit Group)" --init-groups --no-new-privs --bounding-set=-all $start
}
(serve) >/tmp/first 2>&1
[ $? = 1 ] || fail "an unconfigured store did not refuse with 1"
grep -q site /tmp/first || { fail "it does not say that the site is missing"; cat /tmp/first; }

sed -i -e 's/^#site: my-site/site: sendai/' -e 's|^register: .*|register: [/usr/share/doc/azekura/examples/register]|' \
  -e 's|^rulebooks: .*|rulebooks: [/usr/share/azekura/rulebooks, /usr/share/doc/azekura/examples/rulebooks]|' \
  -e 's|^#address-data:|address-data:|' -e 's|^#metadata: .*|metadata: "off"|' /etc/azekura/azekura.yaml
(serve) >/tmp/out 2>/tmp/log &
server=$!
for _ in $(seq 200); do grep -q '^ready ' /tmp/out && break; kill -0 $server 2>/dev/null || break; sleep 0.1; done
if grep -q '^ready s3=127.0.0.1:9000 console=127.0.0.1:9001' /tmp/out; then
  [ "$(ps -o user= -p $server)" = azekura ] || fail "it runs as $(ps -o user= -p $server)"
  [ "$(curl -s -o /tmp/health -w '%{http_code}' http://127.0.0.1:9001/health)" = 200 ] || fail "/health is not 200"
  # Something is kept, and shown with the other package's program.
  azekura key add root --data /var/lib/azekura >/tmp/key 2>&1 || { fail "no key"; cat /tmp/key; }
  access=$(sed -n 's/^access_key=//p' /tmp/key) secret=$(sed -n 's/^secret_key=//p' /tmp/key)
  put() { curl -s -o /tmp/reply -w '%{http_code}' --aws-sigv4 aws:amz:us-east-1:s3 -u "$access:$secret" "$@"; }
  empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  [ "$(put -H "x-amz-content-sha256: $empty" -X PUT http://127.0.0.1:9000/plant-test)" = 200 ] || { fail "no bucket"; cat /tmp/reply; }
  printf kept >/tmp/body
  [ "$(put -H "x-amz-content-sha256: $(sha256sum </tmp/body | cut -d' ' -f1)" -T /tmp/body \
    http://127.0.0.1:9000/plant-test/one)" = 200 ] || { fail "nothing was kept"; cat /tmp/reply; }
  quiet azekura prove --data /var/lib/azekura plant-test one --open key -o /tmp/proof
  quiet azekura-verify --key "$(grep -o 'ledger=[^ ]*' /tmp/out | cut -d= -f2-)" /tmp/proof
  kill -TERM $server
  wait $server || fail "it ended with $? after TERM"
else
  fail "it did not start"; cat /tmp/out /tmp/log
  kill $server 2>/dev/null; wait $server
fi

kept=$(find /var/lib/azekura -type f | wc -l)
quiet dpkg -r azekura azekura-verify
gone /usr/bin/azekura; gone /usr/bin/azekura-verify; gone /lib/systemd/system/azekura.service
have /etc/azekura/azekura.yaml
quiet dpkg -P azekura
gone /etc/azekura/azekura.yaml
[ "$kept" -gt 0 ] && [ "$(find /var/lib/azekura -type f | wc -l)" = "$kept" ] || fail "purging took what was kept: $kept files before"
[ $bad = 0 ] && echo "built, installed, started, answered, removed; $kept files of the store are kept"
exit $bad
INSIDE

# Private first: no mount of ours is seen outside, and all go with the namespace.
cat >"$work/around" <<'AROUND'
set -e
work=$1
mount --make-rprivate /
mkdir "$work/over" "$work/view"
mount -t tmpfs tmpfs "$work/over"
mkdir "$work/over/up" "$work/over/aside"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/over/up,workdir=$work/over/aside" "$work/view" || exit 77
mount -t proc proc "$work/view/proc"
mount --rbind /dev "$work/view/dev"
mount -t tmpfs tmpfs "$work/view/tmp"
mount -t tmpfs tmpfs "$work/view/run"
mkdir "$work/view/tmp/packages"
cp "$work"/*.deb "$work/inside" "$work/view/tmp/packages/"
ip link set lo up
cd /
exec chroot "$work/view" /bin/bash /tmp/packages/inside /tmp/packages
AROUND
unshare --mount --net --pid --fork --kill-child bash "$work/around" "$work"
code=$?
[ $code != 77 ] || skip "no overlay file system here"
exit $code
