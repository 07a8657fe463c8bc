#!/bin/sh
# try-bare.sh BUNDLE [FORMER_BUNDLE]: installs a bundle on a Debian that has nothing, without a network, and makes a label.
# With a former bundle, installs that first, fills its ledger, and upgrades. At the end, uninstalls. Needs root and debootstrap. The label is left
# in FOLDER (default: a temporary folder) as label.pdf, with its Claim ID in label.id.
set -eu
bundle=$(readlink -f "$1")
former=${2:+$(readlink -f "$2")}
folder=${FOLDER:-$(mktemp -d)}
root=$folder/root
suite=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")

mkdir -p "$folder"
if [ ! -e "$folder/base.tar" ]; then
  debootstrap --variant=minbase "$suite" "$folder/base" >"$folder/debootstrap.log"
  tar -C "$folder/base" -cf "$folder/base.tar" .
  rm -rf "$folder/base"
fi
rm -rf "$root"
mkdir "$root"
tar -C "$root" -xpf "$folder/base.tar"
mkdir "$root/srv/in"
for file in $former $bundle; do cp "$file" "$root/srv/in/"; done

cat >"$root/srv/in/try.sh" <<END
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc
started() {
  claimstamp serve >/srv/in/serve.log 2>&1 &
  service=\$!
  for try in \$(seq 200); do [ ! -e /var/lib/claimstamp/serve.json ] || return 0; sleep 0.1; done
  cat /srv/in/serve.log
  exit 1
}
ended() { kill \$service; wait \$service || true; }
run() { printf '\n# %s\n' "\$*"; "\$@"; }
echo "on this machine: \$(. /etc/os-release; echo \$PRETTY_NAME), node: \$(command -v node || echo none), cc: \$(command -v cc || echo none), network: \$(cat /proc/net/dev | grep -c -v -e lo: -e '|' || true) interfaces besides lo"
cd /srv/in
former=$(basename "${former:-}")
if [ -n "\$former" ]; then
  run tar -xzf \$former
  run \${former%.tar.gz}/install.sh
  started
  run claimstamp issue --product METER --count 100 --out /tmp/stack
  ended
fi
run tar -xzf $(basename "$bundle")
run $(basename "$bundle" .tar.gz)/install.sh
started
run claimstamp welcome
run claimstamp issue --product METER
id=\$(claimstamp issue --product METER)
echo "\$id" >/srv/in/label.id
run claimstamp label make \$id --out /srv/in/label.pdf
run claimstamp export /srv/in/units.csv
grep -q "\$id" /srv/in/units.csv
run claimstamp verify
run claimstamp doctor || true
ended
if [ -n "\$former" ]; then run claimstamp verify /var/lib/claimstamp/before-*.db; fi
run $(basename "$bundle" .tar.gz)/install.sh --uninstall
run ls /var/lib/claimstamp
END
unshare --mount --net --pid --fork --kill-child \
  sh -c 'ip link set lo up && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$0" /bin/sh /srv/in/try.sh' "$root"
cp "$root/srv/in/label.pdf" "$root/srv/in/label.id" "$folder/"
echo "the label is in $folder/label.pdf"
