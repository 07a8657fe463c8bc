#!/bin/sh
# Installs Claimstamp from the folder that contains this file, or upgrades it. Needs root, and nothing from a network.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022

here=$(cd "$(dirname "$0")" && pwd -P)
place=/opt/claimstamp
settings=/etc/claimstamp.env
unit=/etc/systemd/system/claimstamp.service
folders=$unit.d/folders.conf
new_settings=
backup=yes
backup_folder=
action=install

usage() {
  cat <<'END'
./install.sh                        installs or upgrades; an upgrade makes a backup first
./install.sh --set NAME=VALUE       also writes a setting to /etc/claimstamp.env; may be repeated
./install.sh --backup FOLDER        folder for the backup of an upgrade (default: the data folder)
./install.sh --no-backup            upgrades without a backup
./install.sh --uninstall            removes the program; the data, the settings and the user stay
END
}

say() { printf '%s\n' "$*"; }
step() { printf '==> %s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --set)
      case ${2:-} in [A-Z]*=*) ;; *) fail "--set needs NAME=VALUE, such as HOST=0.0.0.0" ;; esac
      new_settings="$new_settings$2
"
      shift
      ;;
    --backup)
      backup_folder=${2:-}
      [ -d "$backup_folder" ] || fail "--backup needs a folder that exists"
      shift
      ;;
    --no-backup) backup=no ;;
    --uninstall) action=uninstall ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      fail "unknown argument $1"
      ;;
  esac
  shift
done

has_systemd() { [ -d /run/systemd/system ]; }

# The value of a setting, as it is or will be.
setting() {
  file=$settings.next
  [ -e "$file" ] || file=$settings
  [ -e "$file" ] || return 0
  tr -d '\r' <"$file" | sed -n "s/^[[:blank:]]*$1[[:blank:]]*=[[:blank:]]*//p" | tail -n 1 |
    sed "s/[[:blank:]]*\$//; s/^[\"']//; s/[\"']\$//"
}

find_data() {
  data=$(setting CLAIMSTAMP_DATA)
  data=${data:-/var/lib/claimstamp}
}

check_machine() {
  [ "$(id -u)" = 0 ] || fail "run this as root: sudo ./install.sh"
  alone
  [ "$(uname -sm)" = 'Linux x86_64' ] || fail "this release is for Linux on x64, and this machine is $(uname -sm)"
  step "checking the files of this release"
  (cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) ||
    fail "files differ from SHA256SUMS: unpack the release again"
  (cd "$here" && bin/node -e "new (require('better-sqlite3'))(':memory:').close()") ||
    fail "this machine cannot run the release: it needs glibc as new as in Debian 12, and a file system that may run programs"
}

# The lock ends with this process and the programs that it runs. After kill -9, such a program can run for some seconds.
alone() {
  exec 9>/run/claimstamp-install.lock
  flock --wait 20 9 || fail "another installer runs: wait until it ends"
  rm -f "$settings.next"
}

make_user() {
  getent group claimstamp >/dev/null || groupadd --system claimstamp
  id claimstamp >/dev/null 2>&1 ||
    useradd --system --gid claimstamp --home-dir "$data" --no-create-home --shell /usr/sbin/nologin claimstamp
  install -d -o claimstamp -g claimstamp -m 0700 "$data"
  mkdir -p /opt /usr/local/bin
}

# Writes the settings beside their file. They take its place only when the new version has accepted them.
write_settings() {
  (umask 077 && : >"$settings.next")
  if [ -e "$settings" ]; then
    cat "$settings" >"$settings.next"
  else
    cat >"$settings.next" <<'END'
# Settings of Claimstamp: docs/admin.md lists them. After a change: systemctl restart claimstamp
# The service answers only this machine until HOST is an address that devices can reach:
#HOST=0.0.0.0
#CLAIMSTAMP_AGENT_ACCESS=open
#CLAIMSTAMP_PUBLIC_URL=http://claims.factory.example:4100
END
  fi
  printf '%s' "$new_settings" | while IFS= read -r line; do
    sed -i "/^[[:blank:]]*${line%%=*}[[:blank:]]*=/d" "$settings.next"
    # A file that was edited by hand may end without a line end.
    [ -z "$(tail -c 1 "$settings.next")" ] || echo >>"$settings.next"
    printf '%s\n' "$line" >>"$settings.next"
  done
  chown root:claimstamp "$settings.next"
  chmod 0640 "$settings.next"
}

# needs_space KIB FOLDER WHAT [WHAT_TO_DO]
needs_space() {
  free=$(df -Pk "$2" | awk 'NR == 2 { print $4 }')
  [ "$free" -gt "$1" ] || fail "$3 needs $1 KiB in $2, and $free KiB are free. ${4:-Free some space, and run this again}"
}

# Copies the release beside its folder, unless the folder has these files already.
place_release() {
  staged=$release
  [ "$here" != "$release" ] || return 0
  if [ -e "$release" ]; then
    if cmp -s "$here/SHA256SUMS" "$release/SHA256SUMS" &&
      (cd "$release" && sha256sum --check --status --strict SHA256SUMS); then
      return 0
    fi
    step "replacing the files in $release, which are damaged or of another build"
  fi
  step "copying the release to $release"
  staged=$release.next
  rm -rf "$staged"
  needs_space "$(du -sk "$here" | cut -f1)" "$(dirname "$release")" "the release"
  cp -R -P "$here" "$staged" || fail_copy "the release was not copied to /opt: see above. Nothing was changed"
  "$staged/bin/node" --version >/dev/null ||
    fail_copy "programs in /opt cannot run: mount its file system without noexec"
  chown -R root:root "$staged"
  chmod -R u=rwX,go=rX "$staged"
  sync -f "$staged"
}

fail_copy() {
  rm -rf "$staged"
  fail "$1"
}

# The rename comes last, so that a folder with this name is always complete.
settle_release() {
  [ "$staged" != "$release" ] || return 0
  rm -rf "$release.gone"
  [ ! -e "$release" ] || mv "$release" "$release.gone"
  mv "$staged" "$release"
  rm -rf "$release.gone"
}

check_settings() {
  AS_SERVICE="$settings.next" "$staged/bin/claimstamp" config check >/dev/null || {
    rm -f "$settings.next"
    fail "version $version cannot use these settings: see above. Correct $settings or the options --set, and run this again. Nothing was stopped"
  }
}

# The former version makes the backup, because a newer version would change the schema of the ledger.
make_backup() {
  [ ! -e "$data/copy.db" ] ||
    fail "the ledger is in PostgreSQL: back it up, stop all processes (docs/admin.md), and use --no-backup"
  [ -e "$data/ledger.db" ] || return 0
  file=${backup_folder:-$data}/before-$version-$(date -u +%Y%m%dT%H%M%SZ).db
  needs_space "$(du -k "$data/ledger.db" | cut -f1)" "$(dirname "$file")" "the backup" \
    "Name another folder with --backup, or use --no-backup"
  step "backing up the ledger to $file"
  if [ -x "$place/bin/claimstamp" ]; then
    "$place/bin/claimstamp" backup "$file" || fail_backup
  elif [ -e "$place/dist/src/cli/claimstamp.js" ]; then
    runuser -u claimstamp -- env CLAIMSTAMP_DATA="$data" node "$place/dist/src/cli/claimstamp.js" backup "$file" ||
      fail_backup
  else
    # No version is installed. A service whose program was removed can still run.
    stop_service
    for part in ledger.db ledger.db-wal; do
      [ ! -e "$data/$part" ] || cp -p "$data/$part" "$file${part#ledger.db}" || fail_backup
    done
  fi
  chown claimstamp:claimstamp "$file"*
  made=$file
}

fail_backup() {
  fail "the backup failed: see above. The former version still runs. If it cannot make a backup, use --no-backup"
}

stop_service() {
  if has_systemd && [ -e "$unit" ]; then systemctl stop claimstamp; fi
  pid=$(sed -n 's/.*"pid": *\([0-9]\{1,\}\).*/\1/p' "$data/serve.json" 2>/dev/null) || pid=
  if [ -n "$pid" ] && grep -qs claimstamp "/proc/$pid/cmdline"; then
    fail "process $pid still uses $data: stop it, then run this again"
  fi
}

# One rename changes the version, so that an interruption leaves the former version or the new one.
switch_release() {
  if [ -d "$place" ] && [ ! -L "$place" ]; then
    rm -rf "$place.old"
    mv "$place" "$place.old"
  fi
  ln -sfn "$release" "$place.next"
  mv -T "$place.next" "$place"
  for name in claimstamp serialize; do ln -sfn "$place/bin/$name" "/usr/local/bin/$name"; done
}

# The unit lets the service write only to its own folder. The settings name the others.
open_folders() {
  mkdir -p "$unit.d"
  {
    printf '# install.sh writes this file from %s. After a change there, run install.sh again.\n[Service]\n' "$settings"
    for name in DATA BACKUP_FOLDER CHECKPOINT_FOLDER ORDERS_FOLDER PRINT_FOLDERS; do
      setting "CLAIMSTAMP_$name" | tr ',' '\n' |
        sed -n 's/^[[:blank:]]*//; s/[[:blank:]]*$//; s/%/%%/g; s/["\\]/\\&/g; s/^\/.*/ReadWritePaths="-&"/p'
    done
  } >"$folders.next"
  chmod 0644 "$folders.next"
  mv "$folders.next" "$folders"
}

install_unit() {
  has_systemd || return 0
  if [ -e "$unit" ] && ! cmp -s "$unit" "$release/deploy/claimstamp.service"; then
    cp -p "$unit" "$unit.former"
    say "    the former unit file is $unit.former; put your own changes into: systemctl edit claimstamp"
  fi
  install -m 0644 "$release/deploy/claimstamp.service" "$unit"
  open_folders
  systemctl daemon-reload
  systemctl enable --quiet claimstamp
}

start_service() {
  step "starting version $version (a large ledger may need minutes after an upgrade)"
  systemctl start claimstamp && return 0
  # Only this start: the lines of earlier ones would hide why it failed.
  journalctl "_SYSTEMD_INVOCATION_ID=$(systemctl show --property InvocationID --value claimstamp)" \
    --lines 20 --no-pager --output cat >&2 || true
  say_way_back >&2
  # The version that does not start can be the former one, whose ledger is in the backup that it made.
  if [ -z "$made" ]; then
    made=$(find "$data" -maxdepth 1 -name 'before-*.db' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
    say_restore "If a newer version wrote the ledger" >&2
  fi
  fail "version $version did not start: see above"
}

remember_former() {
  former=
  if [ -L "$place" ]; then former=$(readlink -f "$place"); elif [ -d "$place" ]; then former=$place.old; fi
  [ "$former" != "$release" ] || former=
}

# The former version stays. Versions before it go.
remove_older() {
  [ -n "$former" ] || return 0
  for folder in "$place"-*; do
    [ -e "$folder/release.json" ] || continue
    [ "$folder" = "$release" ] || [ "$folder" = "$former" ] || rm -rf "$folder"
  done
}

say_how_to_reach() {
  say "Only this machine can reach the service. To let devices and browsers on the network reach it:"
  say "  $place/install.sh --set HOST=0.0.0.0 --set CLAIMSTAMP_AGENT_ACCESS=open"
}

say_way_back() {
  [ -n "$former" ] || return 0
  say ""
  say "To go back to the former version, which is in $former:"
  if [ -x "$former/install.sh" ]; then
    say "  $former/install.sh --no-backup"
  else
    say "  systemctl stop claimstamp; rm $place; mv $former $place; systemctl start claimstamp"
  fi
  say_restore "If it then says that a newer version wrote the ledger"
}

# say_restore WHEN
say_restore() {
  [ -n "$made" ] || return 0
  say "$1, restore the backup (docs/admin.md):"
  say "  systemctl stop claimstamp; mkdir -p $data/aside; mv $data/ledger.db* $data/aside/"
  say "  claimstamp restore $made"
  say "  systemctl start claimstamp"
  say "If the ledger lacks events after that, the service issues nothing until you accept the older ledger: its log names the command."
}

install_release() {
  check_machine
  version=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$here/release.json")
  [ -n "$version" ] || fail "release.json names no version: unpack the release again"
  release=$place-$version
  made=
  find_data
  remember_former
  make_user
  write_settings
  find_data
  place_release
  check_settings
  [ "$backup" = no ] || [ "$(readlink -f "$place" || true)" = "$release" ] || make_backup
  stop_service
  mv "$settings.next" "$settings"
  settle_release
  switch_release
  install_unit
  remove_older
  if has_systemd; then
    start_service
    say ""
    claimstamp welcome
    [ -n "$(setting HOST)" ] || say_how_to_reach
  else
    say "Version $version is installed. systemd does not run here, so start the service yourself: claimstamp serve"
    say "It runs as the user claimstamp. The one-time link for the first admin is then in $data/sign-in.txt."
  fi
  say_way_back
}

uninstall() {
  [ "$(id -u)" = 0 ] || fail "run this as root"
  alone
  find_data
  stop_service
  if has_systemd && [ -e "$unit" ]; then systemctl disable --quiet claimstamp; fi
  rm -f "$unit" "$folders"
  rmdir "$unit.d" 2>/dev/null || true
  ! has_systemd || systemctl daemon-reload
  for name in claimstamp serialize; do
    [ "$(readlink "/usr/local/bin/$name")" != "$place/bin/$name" ] || rm "/usr/local/bin/$name"
  done
  [ ! -L "$place" ] || rm "$place"
  for folder in "$place"-*; do
    [ ! -e "$folder/release.json" ] || rm -rf "$folder"
  done
  say "The program is removed. These stay: $data (the ledger and its keys), $settings, the user claimstamp."
  say "To remove them too: rm -r $data $settings; userdel claimstamp"
}

if [ "$action" = uninstall ]; then uninstall; else install_release; fi
