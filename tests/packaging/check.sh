#!/usr/bin/env bash
# Pages, configuration and completion say what the programs say: every command and option of --help
# has its place in the manual, every configuration key is in azekura.yaml(5) and in the file that is
# installed, and completion knows them. Usage: check.sh AZEKURA AZEKURA-VERIFY SOURCE-ROOT
set -uo pipefail
azekura=$(realpath "$1") verify=$(realpath "$2") root=$(realpath "$3") bad=0
man=$root/docs/man
fail() { echo "$*"; bad=1; }

# Read to the end (no grep -q): with pipefail a reader that leaves early makes the writer fail.
plain() { sed 's/\\-/-/g; s/\\f[BRIP]//g' "$1"; }
options() { grep -oE '^  --?[a-z][a-z0-9-]*' <<<"$1" | tr -d ' '; }
in_page() { # page, help text
  local option
  [ -n "$2" ] || fail "$1: no help text"
  for option in $(options "$2"); do
    plain "$man/$1.1" | grep -E -- "(^|[^a-z0-9-])$option([^a-z0-9-]|\$)" >/dev/null || fail "$1.1 does not tell of $option"
  done
}

commands=$("$azekura" --help | sed -nE 's/^  ([a-z]+) +.*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 11 ] || fail "azekura --help names few commands: $commands"
for command in $commands; do
  plain "$man/azekura.1" | grep "azekura-$command" >/dev/null || fail "azekura.1 does not tell of $command"
  page=azekura-$command
  [ -f "$man/$page.1" ] || { fail "no page $page.1"; continue; }
  grep -q '^\.so' "$man/$page.1" && page=$(sed -nE 's/^\.so man1\/(.*)\.1$/\1/p' "$man/$page.1")
  case $command in
    store) in_page "$page" "$("$azekura" store export --help)" ;;
    ledger) in_page "$page" "$("$azekura" ledger export --help)"
      in_page "$page" "$("$azekura" ledger succeed --help)" ;;
    site) in_page "$page" "$("$azekura" site --help)"
      in_page "$page" "$("$azekura" site import --help)" ;;
    rulebook)
      for word in "" impact try keygen sign verify; do in_page "$page" "$("$azekura" rulebook $word --help)"; done ;;
    *) in_page "$page" "$("$azekura" "$command" --help)" ;;
  esac
done
in_page azekura-verify "$("$verify" --help)"

# ---- configuration
keys=$({ "$azekura" serve --check 2>/dev/null || true; } | sed -nE 's/^([a-z][a-z0-9-]*):.*/\1/p')
[ "$(wc -w <<<"$keys")" -ge 25 ] || fail "serve --check names few keys: $keys"
for key in $keys; do
  plain "$man/azekura.yaml.5" | grep -E "^\.BR.*[ \"]$key([ \"]|\$)" >/dev/null || fail "azekura.yaml.5 does not tell of $key"
  grep -qE "^#?$key:" "$root/packaging/azekura.yaml" || fail "packaging/azekura.yaml has no $key"
done
for key in $(sed -nE 's/^#?([a-z][a-z0-9-]*):.*/\1/p' "$root/packaging/azekura.yaml"); do
  grep -qx "$key" <<<"$keys" || fail "packaging/azekura.yaml has $key, which the program does not know"
done
# With every comment taken away it is a configuration that the program reads. Its files are not here, so
# that the store would not start (1); what cannot be read ends with 2.
is_read() { local code=0; "$azekura" serve --config "$1" --check 2>/dev/null || code=$?; [ $code -le 1 ]; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed -E 's/^#([a-z][a-z0-9-]*:|  - )/\1/' "$root/packaging/azekura.yaml" >"$folder/all.yaml"
is_read "$folder/all.yaml" >"$folder/explained" || fail "packaging/azekura.yaml is not read"
grep -q '^site: my-site$' "$folder/explained" || fail "packaging/azekura.yaml: site is not taken"
is_read "$root/packaging/azekura.yaml" >/dev/null || fail "packaging/azekura.yaml is not read as it is"

# ---- completion
ln -sf "$(realpath "$azekura")" "$folder/azekura"
ln -sf "$(realpath "$verify")" "$folder/azekura-verify"
PATH=$folder:$PATH
# shellcheck source=/dev/null
source "$root/packaging/azekura.bash"
cd "$folder" && mkdir -p some-folder && touch some-file || exit 1
completes() { # words typed, the last one under way; then what must be offered
  read -ra COMP_WORDS <<<"$1"
  [ "${1: -1}" = " " ] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _azekura 2>/dev/null
  local wanted
  for wanted in "${@:2}"; do
    case $wanted in
      !*) [[ " ${COMPREPLY[*]} " != *" ${wanted#!} "* ]] || fail "\"$1\" offers ${wanted#!}" ;;
      *) [[ " ${COMPREPLY[*]} " == *" $wanted "* ]] || fail "\"$1\" does not offer $wanted: ${COMPREPLY[*]}" ;;
    esac
  done
}
# shellcheck disable=SC2086
completes "azekura " $commands --help --version
completes "azekura se" serve '!store'
completes "azekura user " add list disable enable grant
completes "azekura store " export
completes "azekura rulebook " check show diff impact try keygen sign verify
completes "azekura rulebook impact x --" --register --as-of --store-site
completes "azekura rulebook show --lang " en ja
completes "azekura ledger " export succeed
completes "azekura site " rank plan explain check drill schema import
completes "azekura site import --" --kind --edition --licence --register
completes "azekura store export --" --to --bodies --data
completes "azekura ledger succeed --" --reason --anchor
completes "azekura serve --backend " auto uring epoll
completes "azekura serve --own-addresses o" on off
completes "azekura explain --lang " en ja
completes "azekura serve --config " some-file some-folder
completes "azekura serve --data " some-folder '!some-file'
completes "azekura witness --" --listen --generate --state
completes "azekura-verify --" --key --policy --ledger --store --location --landmark
for command in $commands; do
  case $command in store | ledger) continue ;; esac
  completes "azekura $command --" $(options "$("$azekura" "$command" --help)" | grep -- ^--)
  [ "$command" = user ] && completes "azekura user add x --" --credentials
done

[ $bad = 0 ] && echo "pages, configuration and completion agree with the programs"
exit $bad
