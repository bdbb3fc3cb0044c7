#!/usr/bin/env bash
# What `azekura register` prints, and how it fails. Usage: commands.sh AZEKURA SOURCE-ROOT
set -uo pipefail
azekura=$(realpath "$1") root=$(realpath "$2") bad=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "$*"; bad=1; }
says() { # name, wanted, command…
  local name=$1 wanted=$2 out
  shift 2
  out=$("$azekura" register "$@" 2>&1)
  [[ $out == *"$wanted"* ]] || fail "$name: expected \"$wanted\", got: ${out:0:400}"
}
ends() { # name, exit code, command…
  local name=$1 wanted=$2
  shift 2
  "$azekura" register "$@" >"$folder/out" 2>&1
  local code=$?
  [ "$code" = "$wanted" ] || fail "$name: exit $code, expected $wanted"
}

# An answer that could not be written ended with 0, a proof on a full disk among them.
for words in "register schema" "site schema" "geo mesh 35 139" "--help" "--version" "register list capitals"; do
  # shellcheck disable=SC2086
  "$azekura" $words >/dev/full 2>"$folder/said" && fail "$words: ends with 0 though nobody got the answer"
  [[ $(<"$folder/said") == *"standard output: "* ]] || fail "$words: does not say why"
done
# "too many of -- register" named no option, and not how many there may be.
mapfile -t many < <(for _ in {1..65}; do printf '%s\n' --register "$folder"; done)
says "too many of an option" "--register is taken at most 64 times" show moved "${many[@]}"
# A closed stream's number went to the next file that was opened.
"$azekura" geo mesh 35 139 <&- >&- 2>&- || fail "closed streams are no error"

cat >"$folder/sites.yaml" <<'YAML'
sites:
  - {id: moved, country: JP, near: Sendai, valid: {until: 2025-04-01}}
  - {id: moved, country: JP, near: Morioka, valid: {from: 2025-04-01}}
YAML
says "a row before it changed" '"value":"JP-04"' show moved --at 2025-03-31 --register "$folder"
says "a row from the day it changed" '"value":"JP-03"' show moved --at 2025-04-01 --register "$folder"
says "where a row stands" "$folder/sites.yaml:3" show moved --at 2025-04-01 --register "$folder"
[ "$("$azekura" register history moved --register "$folder" | grep -c '^site moved')" = 2 ] || fail "history: not both rows"
"$azekura" register history moved --format json --register "$folder" | python3 -c '
import json, sys
rows = json.load(sys.stdin)
assert [row["row"]["region"]["value"] for row in rows] == ["JP-04", "JP-03"], rows
assert "from" not in rows[0] and rows[0]["until"] == rows[1]["from"], rows' || fail "history: not as JSON"
says "an id that nobody has" 'has no row "nobody" that is true at that time' show nobody --register "$folder"
ends "an id that nobody has" 1 show nobody --register "$folder"
ends "no register" 2 show moved
says "no register" '--register PATH says whose rows in files, --data DIR in a store' show moved
ends "files and a store" 2 show moved --register "$folder" --data "$folder"
says "a folder that is no store" "$folder" history --data "$folder"
ends "a time that is none" 2 show moved --at soon --register "$folder"

says "heads in Japanese" 都道府県 list capitals --lang ja
says "a city" 仙台市 list capitals
says "each holiday of a year" "2026-09-22,Holiday between two,国民の休日" list holidays --year 2026 --format csv
ends "a year nobody announced" 2 list holidays --year 2028
ends "a list that is none" 2 list makers
for list in $("$azekura" register list); do
  "$azekura" register list "$list" --format json | python3 -c 'import json, sys; assert len(json.load(sys.stdin)["rows"]) >= 10' ||
    fail "list $list: no JSON"
  "$azekura" register list "$list" --format csv | python3 -c '
import csv, sys
rows = list(csv.reader(sys.stdin))
assert len(rows) > 10 and len({len(row) for row in rows}) == 1' || fail "list $list: no CSV"
done

# Bills and maps cut short anywhere: a message with the place, never a crash.
for file in "$root"/tests/register/documents/*json; do
  size=$(stat -c %s "$file")
  for part in 1 3 5 7; do
    cut=$folder/$(basename "$file")
    head -c $((size * part / 8)) "$file" >"$cut"
    ends "$(basename "$file") cut at $part/8" 1 check "$cut"
    says "$(basename "$file") cut at $part/8" "$(basename "$file"):" check "$cut"
    rm "$cut"
  done
done
exit $bad
