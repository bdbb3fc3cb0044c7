#!/usr/bin/env bash
# An asset tag of a TPM in software, from provisioning to `landmark check`: swtpm and tpm2-tools of Debian.
# Usage: tag.sh AZEKURA DATA-FOLDER. Skips, saying so, where they are not installed.
set -euo pipefail
azekura=$(realpath "$1") data=$(realpath "$2")
for tool in swtpm swtpm_setup tpm2_nvcertify openssl xxd; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed (apt install swtpm swtpm-tools tpm2-tools)"; exit 77; }
done
folder=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$folder"' EXIT
fail() { echo "$*"; exit 1; }

# A machine with a TPM of its own: its attestation key, and the digest of its site's record in an index, for good.
machine() { # name, record
  local at=$folder/$1
  mkdir -p "$at/state"
  swtpm_setup --tpm2 --tpm-state "$at/state" --createek --overwrite >"$at/log" 2>&1 || { cat "$at/log"; fail "swtpm_setup"; }
  swtpm socket --tpm2 --tpmstate "dir=$at/state" --server "type=unixio,path=$at/tpm" --ctrl "type=unixio,path=$at/tpm.ctrl" \
    --flags not-need-init,startup-clear 2>/dev/null &
  pids+=($!)
  for _ in $(seq 100); do [ -S "$at/tpm" ] && break; sleep 0.1; done
  export TPM2TOOLS_TCTI="swtpm:path=$at/tpm"
  printf '%s\n' "$2" >"$at/record"
  openssl dgst -sha256 -binary "$at/record" >"$at/tag.bin"
  {
    tpm2_createek -c "$at/ek.ctx" -G ecc -u "$at/ek.pub"
    tpm2_flushcontext -t
    tpm2_createak -C "$at/ek.ctx" -c "$at/ak.ctx" -G ecc -g sha256 -s ecdsa -f pem -u "$at/ak.pem"
    tpm2_flushcontext -t
    tpm2_nvdefine 0x1500101 -C o -s 32 -a "ownerwrite|ownerread|authread|writedefine|no_da"
    tpm2_nvwrite 0x1500101 -C o -i "$at/tag.bin"
    tpm2_nvwritelock 0x1500101 -C o
  } >>"$at/log" 2>&1 || { cat "$at/log"; fail "provisioning"; }
  tpm2_nvwrite 0x1500101 -C o -i "$at/tag.bin" >/dev/null 2>&1 && fail "the index was written twice"
  tpm2_nvreadpublic 0x1500101 2>/dev/null | sed -nE 's/^ *name: //p' >"$at/name"
}
certify() { # name, qualifying data in hex
  local at=$folder/$1
  export TPM2TOOLS_TCTI="swtpm:path=$at/tpm"
  tpm2_nvcertify -C "$at/ak.ctx" -g sha256 -s ecdsa -f plain -o "$at/tag.sig" --attestation "$at/tag.attest" -q "$2" --size 32 -c o 0x1500101 \
    >>"$at/log" 2>&1 || { cat "$at/log"; fail "tpm2_nvcertify"; }
}
check() { # tag's machine, then more words
  local at=$folder/$1
  shift
  "$azekura" landmark check "$data/transcript" --vkey "$data/landmark.vkey" --attest "$at/tag.attest" --sig "$at/tag.sig" "$@"
}

machine here "site sendai, rack 7"
machine other "site osaka, rack 1"
digest=$(sha256sum "$data/transcript" | cut -d' ' -f1)
certify here "$digest"
certify other "$digest"
here=$folder/here
check here --ak "$here/ak.pem" --record "$here/record" --nv-name "$(cat "$here/name")" >"$folder/said"
grep -q "asset tag" "$folder/said" || { cat "$folder/said"; fail "the tag is not told"; }
check here --ak "$here/ak.pem" --format json | grep -q "\"nv_name\": \"$(cat "$here/name")\"" || fail "the index's name is not told"
refused() { # words that must stand in the reason; then the check
  local why=$1
  shift
  if check "$@" >"$folder/said" 2>&1; then fail "not refused: $why"; fi
  grep -q "$why" "$folder/said" || { cat "$folder/said"; fail "another reason than: $why"; }
}
refused "did not sign what the TPM certified" other --ak "$here/ak.pem"
refused "the site's record" other --ak "$folder/other/ak.pem" --record "$here/record"
refused "the index's name" here --ak "$here/ak.pem" --nv-name "$(sed 's/../00/3' "$here/name")"
certify here "$(printf '%064d' 0)"
refused "the transcript's digest" here --ak "$here/ak.pem"
echo "a tag of a TPM in software holds for its transcript, its machine and its record alone"
