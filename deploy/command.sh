#!/bin/sh
# Runs a program of the release with the Node of the release. The name of this file says which: claimstamp or serialize.
# On a machine where install.sh has set up the service, commands use the service's data folder and settings.
set -eu
file=$(readlink -f "$0")
release=$(dirname "$(dirname "$file")")
program=$release/dist/src/cli/$(basename "$file").js
# The installer names the settings that it checks.
settings=${AS_SERVICE:-/etc/claimstamp.env}

# Takes the settings that the environment does not have, as systemd reads them: spaces around a value and the line ends of
# Windows do not count, and an unquoted backslash escapes the next character.
load_settings() {
  while IFS= read -r line; do
    name=${line%%=*}
    value=${line#*=}
    case $name in '' | "$line" | *[!A-Z0-9_]*) continue ;; esac
    eval "[ -z \"\${$name+set}\" ]" || continue
    case $value in
      \"*\") value=${value#\"} value=${value%\"} ;;
      \'*\') value=${value#\'} value=${value%\'} ;;
      *\\*) value=$(printf '%s' "$value" | sed 's/\\\(.\)/\1/g') ;;
    esac
    export "$name=$value"
  done <<END
$(tr -d '\r' <"$settings" | sed 's/^[[:blank:]]*//; s/[[:blank:]]*$//; s/[[:blank:]]*=[[:blank:]]*/=/')
END
}

is_running() {
  pid=$(sed -n 's/.*"pid": *\([0-9]\{1,\}\).*/\1/p' "$CLAIMSTAMP_DATA/serve.json" 2>/dev/null) || return 1
  [ -n "$pid" ] && grep -qs claimstamp "/proc/$pid/cmdline"
}

# Commands that use neither the service nor its data folder.
stands_alone() {
  [ "$(basename "$0")" = claimstamp ] || return 1
  case ${1:-} in '' | -* | help | demo | verify | simulate* | print-agent) return 0 ;; esac
  for word; do
    case $word in -h | --help) return 0 ;; esac
  done
  return 1
}

# The commands of `label` can work on files alone.
needs_root() {
  [ "$(id -u)" != 0 ] && [ ! -r "$settings" ] && [ -z "${CLAIMSTAMP_URL:-}" ] && [ "${1:-}" != label ] &&
    ! stands_alone "$@"
}

# Files that root makes in the data folder would stop the service. While the service runs, commands only call it.
needs_user() {
  [ "$(id -u)" = 0 ] && [ "$(stat -c %U "$CLAIMSTAMP_DATA" 2>/dev/null)" = claimstamp ] || return 1
  [ -n "${AS_SERVICE:-}" ] && return 0
  # These two look at the files with the rights of the service.
  case ${1:-} in doctor | config) return 0 ;; esac
  ! stands_alone "$@" && ! is_running
}

if [ -e "$settings" ] && [ -z "${CLAIMSTAMP_DATA:-}${CLAIMSTAMP_CONFIG:-}" ]; then
  if needs_root "$@"; then
    echo "claimstamp: this user may not use the service of this machine: put sudo before the command" >&2
    exit 1
  fi
  [ ! -r "$settings" ] || load_settings
  export CLAIMSTAMP_DATA="${CLAIMSTAMP_DATA:-/var/lib/claimstamp}"
  if needs_user "$@"; then exec runuser -u claimstamp -- "$release/bin/node" "$program" "$@"; fi
fi
exec "$release/bin/node" "$program" "$@"
