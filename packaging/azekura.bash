# Completion for azekura and azekura-verify. It asks the programs for their own help, so it knows
# what they know: commands, words, options and what an option takes.

# Options of a help text, a line each: "--name<TAB>VALUE".
_azekura_options() {
  sed -nE 's/^  (--?[a-z][a-z0-9-]*)( ([^ ]+))?( .*)?$/\1\t\3/p' <<<"$1"
}

# Words that may follow a command: "usage: azekura user add USER | list" has add and list.
_azekura_words() {
  local usage part first
  usage=$(sed -nE "s/^usage: azekura $1 //p" <<<"$2")
  while [ -n "$usage" ]; do
    part=${usage%%|*}
    usage=${usage#"$part"}; usage=${usage#|}
    read -r first _ <<<"$part"
    [[ $first =~ ^[a-z][a-z-]*$ ]] && printf '%s\n' "$first"
  done
}

# What an option takes: files, folders, or one of a few words.
_azekura_values() { # value, current
  local current=$2 choice
  COMPREPLY=()
  case $1 in *FILE* | *PATH* | *=VALUE*) compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  *DIR*) compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
  esac
  [[ $1 == *'|'* ]] && for choice in ${1//|/ }; do
    [[ $choice =~ ^[a-z]+$ && $choice == "$current"* ]] && COMPREPLY+=("$choice")
  done
  return 0
}

_azekura() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local program=${COMP_WORDS[0]} command=() help words options value i
  COMPREPLY=()
  if [[ ${program##*/} == azekura-verify ]]; then
    help=$("$program" --help 2>/dev/null)
  elif ((COMP_CWORD == 1)); then
    words="$("$program" --help 2>/dev/null | sed -nE 's/^  ([a-z-]+) +.*/\1/p') --help --version"
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    return
  else
    command=("${COMP_WORDS[1]}")
    help=$("$program" "${command[@]}" --help 2>/dev/null)
    words=$(_azekura_words "${COMP_WORDS[1]}" "$help")
    if [[ -n $words ]]; then
      if ((COMP_CWORD == 2)) && [[ $current != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        return
      fi
      # `store export` and the like have a help of their own
      value=$("$program" "${command[@]}" "${COMP_WORDS[2]}" --help 2>/dev/null)
      ((COMP_CWORD > 2)) && [[ -n $value ]] && help=$value
    fi
  fi
  options=$(_azekura_options "$help")
  value=$(awk -F'\t' -v name="$previous" '$1 == name { print $2; exit }' <<<"$options")
  if [[ -n $value ]]; then
    _azekura_values "$value" "$current"
  elif [[ $current == -* ]]; then
    words=$(cut -f1 <<<"$options"; echo --help)
    mapfile -t COMPREPLY < <(compgen -W "$(sort -u <<<"$words")" -- "$current")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -F _azekura azekura azekura-verify
