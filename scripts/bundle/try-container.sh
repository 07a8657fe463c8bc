#!/bin/sh
# try-container.sh: builds the container image, and runs it with compose.yaml as a random user: read-only, without
# capabilities, with every setting from .env. Needs root, podman, podman-compose, debootstrap and curl. The base image is made
# from Debian and Node, under the name that the Dockerfile wants, if the engine does not have it.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd -P)
folder=${FOLDER:-$(mktemp -d)}
port=${PORT:-4111}
suite=bookworm
image=localhost/claimstamp-try_claimstamp
user=$(shuf -i 100000-900000 -n 1)
export BUILDAH_FORMAT=docker
mkdir -p "$folder"

run() { printf '\n# %s\n' "$*"; "$@"; }
fail() { printf 'try-container.sh: %s\n' "$*" >&2; exit 1; }

base() {
  podman image exists "docker.io/library/node:24-$suite" && return 0
  if [ ! -e "$folder/builder.tar" ]; then
    debootstrap --variant=minbase --include=ca-certificates,python3,make,g++,iproute2 "$suite" "$folder/builder" >"$folder/builder.log"
    tar -C "$folder/builder" -cf "$folder/builder.tar" .
    rm -rf "$folder/builder"
  fi
  rm -rf "$folder/image"
  mkdir -p "$folder/image/usr/local/lib/node_modules"
  tar -C "$folder/image" -xpf "$folder/builder.tar"
  node=$(node -e "import('$here/scripts/bundle/nodes.mjs').then((m) => console.log(m.nodeFolder('$here', m.RELEASED)))")
  cp -R "$node/bin" "$node/include" "$folder/image/usr/local/"
  cp -R "$(npm root --global)/npm" "$folder/image/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$folder/image/usr/local/bin/npm"
  printf 'cafile=/etc/ssl/certs/ca-certificates.crt\n' >"$folder/image/usr/local/lib/node_modules/npm/npmrc"
  chroot "$folder/image" useradd --uid 1000 --create-home node
  for tag in "node:24-$suite" "node:24-$suite-slim"; do
    tar -C "$folder/image" -c . | podman import --change 'ENV npm_config_nodedir=/usr/local' - "docker.io/library/$tag" >/dev/null
  done
  rm -rf "$folder/image"
}

# One valid value for each setting that can be set beside the others, different from its default.
settings() {
  cat <<END
PORT=$port
CLAIMSTAMP_AGENT_ACCESS=allowlist
CLAIMSTAMP_AGENT_ALLOW=127.0.0.0/8,10.0.8.0/24
CLAIMSTAMP_ADDRESS_RATE=1100
CLAIMSTAMP_STATION_RATE=900
CLAIMSTAMP_HOURLY_CAP=5000
CLAIMSTAMP_SOURCE_CAP=5500
CLAIMSTAMP_PRODUCT_CAP=6
CLAIMSTAMP_BODY_LIMIT=5000
CLAIMSTAMP_PRODUCTS=strict
CLAIMSTAMP_SITE=P2
CLAIMSTAMP_SITE_NAME=Plant 2 # north
CLAIMSTAMP_SHIFTS=05:00,13:00,21:00
CLAIMSTAMP_SEARCH=off
CLAIMSTAMP_AUDIT_VIEWS=on
CLAIMSTAMP_DEFAULT_PRODUCT=METER
CLAIMSTAMP_IDENTITY_PROPERTIES=mac,serial
CLAIMSTAMP_IDENTITY_MACS=mac
CLAIMSTAMP_IDENTITY_PLACEHOLDERS=unknown
CLAIMSTAMP_VOID_REASONS=lost,other
CLAIMSTAMP_SCRAP_REASONS=broken,other
CLAIMSTAMP_ADMIN_TOKEN=$token
CLAIMSTAMP_SIGN_ON_ISSUER=https://issuer.factory.example
CLAIMSTAMP_SIGN_ON_CLIENT=claimstamp
CLAIMSTAMP_SIGN_ON_SECRET=a-secret-of-this-test
CLAIMSTAMP_SIGN_ON_ROLES=lines=operator
CLAIMSTAMP_SIGN_ON_GROUPS=teams
CLAIMSTAMP_SIGN_ON_SCOPES=openid,profile,teams
CLAIMSTAMP_SIGN_ON_LOGOUT=back-channel
CLAIMSTAMP_SIGN_ON_NAME=Factory accounts
CLAIMSTAMP_BACKUP_FOLDER=/data/backups
CLAIMSTAMP_BACKUP_EVERY=12
CLAIMSTAMP_BACKUP_KEEP=5
CLAIMSTAMP_DRILL_DAYS=90
CLAIMSTAMP_WEBHOOK_ALLOW=hooks.factory.example
CLAIMSTAMP_ORDERS_FOLDER=/data/orders
CLAIMSTAMP_ORDERS_EVERY=9
CLAIMSTAMP_CHECKPOINT_FOLDER=/data/checkpoints
CLAIMSTAMP_CHECKPOINT_WEBHOOK=http://127.0.0.1:9/checkpoint
CLAIMSTAMP_ORIGIN=claims.factory.example/p2
CLAIMSTAMP_LOG_LEVEL=debug
CLAIMSTAMP_LOG_FORMAT=json
CLAIMSTAMP_PUBLIC_URL=http://127.0.0.1:$port
CLAIMSTAMP_SECURITY_CONTACT=mailto:security@factory.example
CLAIMSTAMP_TRUSTED_PROXIES=10.0.9.1
CLAIMSTAMP_BUILDER_LOCAL=accept
CLAIMSTAMP_PRINTER_ALLOW=10.0.8.0/24
CLAIMSTAMP_PRINT_FOLDERS=/data/labels
CLAIMSTAMP_BADGE_IDLE=20
CLAIMSTAMP_REPORT_ALARMS=refuse
END
}

# Fails unless the service has each setting of .env, with its value.
compare_settings() {
  curl -sS -H "Authorization: Bearer $token" "http://127.0.0.1:$port/v1/settings" >"$folder/settings.json"
  node -e '
    const { readFileSync } = require("node:fs");
    const { settings } = JSON.parse(readFileSync(process.argv[1], "utf8"));
    const given = readFileSync(process.argv[2], "utf8").trim().split("\n").map((line) => /^([A-Z_]+)=(.*)$/.exec(line));
    const plain = (text) => text.replaceAll(", ", ",");
    const differing = given.filter(([, name, value]) => {
      const one = settings.find(({ variable }) => variable === name);
      return !one?.set || one.source !== `environment ${name}` || (!one.secret && plain(one.value) !== value);
    });
    for (const [line] of differing) console.error(`the service does not have ${line}`);
    console.log(`${given.length} of ${settings.length} settings were given in .env`);
    process.exitCode = differing.length === 0 ? 0 : 1;
  ' "$folder/settings.json" "$folder/claimstamp-try/.env"
}

# podman-compose 1.0.3 (Debian 12) adds its own network to `network_mode: host`, which podman refuses.
podman_without_networks() {
  cat >"$folder/podman" <<'END'
#!/bin/bash
args=()
while [ $# -gt 0 ]; do
  case $1 in --net | --network-alias) shift 2 ;; *) args+=("$1"); shift ;; esac
done
exec podman "${args[@]}"
END
  chmod +x "$folder/podman"
}

token=$(openssl rand -hex 24)
base
[ -n "${BUILT:-}" ] ||
  run podman build --network host --volume /etc/apt:/etc/apt:ro --volume /etc/ssl/certs:/etc/ssl/certs:ro --volume "${NPMRC:-$HOME/.npmrc}:/root/.npmrc:ro" --tag "$image" "$here"
mkdir -p "$folder/claimstamp-try"
sed "s/^    build: \.$/    image: claimstamp-try_claimstamp\n    user: '$user:0'/" "$here/compose.yaml" >"$folder/claimstamp-try/compose.yaml"
settings >"$folder/claimstamp-try/.env"
podman_without_networks
cd "$folder/claimstamp-try"
compose() { run podman-compose --podman-path "$folder/podman" "$@"; }
end() { compose down >/dev/null 2>&1; podman volume rm -f claimstamp-try_ledger >/dev/null 2>&1; }
end || true
trap 'end || true' EXIT
# The folders that the settings name are on the volume.
podman run --rm --user "$user:0" --volume claimstamp-try_ledger:/data "$image" \
  node -e 'for (const name of ["backups", "orders", "checkpoints", "labels"]) require("fs").mkdirSync("/data/" + name)'
compose up -d
name=claimstamp-try_claimstamp_1
trap 'podman logs --tail 20 $name; end || true' EXIT
for try in $(seq 120); do
  ! curl -sf -o /dev/null -H "Authorization: Bearer $token" "http://127.0.0.1:$port/readyz" || break
  sleep 0.5
done
run podman ps -a
run podman inspect "$name" --format '{{.Config.User}} read-only={{.HostConfig.ReadonlyRootfs}} capabilities={{.EffectiveCaps}} {{.HostConfig.SecurityOpt}}'
run podman exec "$name" grep -E '^(Uid|Gid|CapEff|NoNewPrivs):' /proc/1/status
! podman exec "$name" touch /app/file 2>&1 || fail "the image can be written"
run curl -sS -X POST "http://127.0.0.1:$port/ioto/serialize" -d '{"product":"METER","mac":"0200000000a1"}'
run compare_settings
run podman exec "$name" claimstamp product set METER --name Meter
run curl -sS -X POST "http://127.0.0.1:$port/ioto/serialize" -d '{"product":"METER","mac":"0200000000a1"}'
run podman exec "$name" claimstamp verify
run podman healthcheck run "$name" && echo healthy
run podman stop --time 15 "$name"
podman inspect "$name" --format 'ended with {{.State.ExitCode}}'
