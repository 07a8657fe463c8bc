import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, version } from '../../src/platform/package-root.ts';
import { tempFolder } from '../support/service.ts';

/*
 * The offline bundle, and its installer. The installer runs in namespaces of its own: without a network, and with a
 * layer over each folder that it writes to, so that nothing on this machine changes.
 */

const NAME = `claimstamp-${version}-linux-x64`;
const BUILD_MS = 600_000;

let bundle: string;

function build(): string {
  const to = tempFolder();
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1790000000' };
  execFileSync(process.execPath, ['scripts/bundle.mjs', '--out', to], { cwd: packageRoot, env });
  return to;
}

beforeAll(() => {
  bundle = build();
}, BUILD_MS);

it(
  'two builds have the same bytes',
  () => {
    const again = build();
    const sum = (folder: string): string => readFileSync(join(folder, `${NAME}.tar.gz.sha256`), 'utf8');
    expect(sum(again)).toBe(sum(bundle));
    execFileSync('sha256sum', ['--check', `${NAME}.tar.gz.sha256`], { cwd: again });
  },
  BUILD_MS,
);

it('its list of components is CycloneDX 1.6, and has each package, Node and SQLite', () => {
  const bom = JSON.parse(readFileSync(join(bundle, `${NAME}.cdx.json`), 'utf8')) as {
    specVersion: string;
    components: { name: string; version?: string }[];
  };
  const lock = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  const names = new Set(bom.components.map(({ name }) => name));
  const packages = Object.entries(lock.packages).filter(
    ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
  );
  const missing = packages.map(([path]) => path.replace(/^.*node_modules\//, '')).filter((name) => !names.has(name));
  expect(bom.specVersion).toBe('1.6');
  expect(missing).toEqual([]);
  expect([...names]).toEqual(expect.arrayContaining(['node', 'sqlite', 'labels/fonts/DejaVuSans.ttf']));
});

/** Hides Node and the network, and puts layers over the folders that the installer writes to. */
const PREPARE = `
set -eu
ip link set lo up
for node in /usr/bin/node /usr/local/bin/node; do [ ! -e $node ] || mount --bind /bin/false "$(readlink -f $node)"; done
mount -t tmpfs tmpfs "$LAYERS"
mount -t tmpfs tmpfs /run
for folder in /etc /opt /var/lib /usr/local; do
  mkdir -p "$LAYERS/up$folder" "$LAYERS/work$folder"
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=$LAYERS/up$folder,workdir=$LAYERS/work$folder" $folder
done
rm -rf /opt/claimstamp* /etc/claimstamp.env /var/lib/claimstamp
mkdir "$LAYERS/unpacked"
tar -xzf "$BUNDLE" -C "$LAYERS/unpacked"
cd "$LAYERS/unpacked/${NAME}"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
started() {
  claimstamp serve >"$LAYERS/serve.log" 2>&1 &
  service=$!
  for try in $(seq 100); do [ ! -e /var/lib/claimstamp/serve.json ] || return 0; sleep 0.2; done
  cat "$LAYERS/serve.log"; exit 1
}
ended() { kill $service; wait $service || true; }
`;

function inside(script: string): { status: number | null; out: string } {
  const folder = tempFolder();
  mkdirSync(join(folder, 'layers'));
  const env = {
    LAYERS: join(folder, 'layers'),
    BUNDLE: join(folder, 'bundle.tar.gz'),
    LANG: 'C.UTF-8',
    PATH: process.env['PATH'],
  };
  execFileSync('cp', [join(bundle, `${NAME}.tar.gz`), env.BUNDLE]);
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const { status, stdout, stderr } = spawnSync('unshare', [...namespaces, 'sh', '-c', PREPARE + script], {
    env,
    encoding: 'utf8',
    timeout: BUILD_MS,
  });
  return { status, out: stdout + stderr };
}

describe('the installer', () => {
  it(
    'installs without Node and a network, upgrades with a backup, and leaves the data when it is removed',
    () => {
      const { status, out } = inside(`
        ./install.sh --set PORT=4123 --set CLAIMSTAMP_SITE=P2
        echo "settings: $(grep -c '^PORT=4123$' /etc/claimstamp.env) $(stat -c %a:%U:%G /etc/claimstamp.env /var/lib/claimstamp)"
        started
        echo "issued: $(claimstamp issue --product METER)"
        echo "asked: $(serialize METER)"
        for settings in A=1 CLAIMSTAMP_DATA=/var/lib/claimstamp; do
          runuser -u nobody -- env $settings claimstamp issue --product METER || echo "refused: $?"
        done
        runuser -u nobody -- claimstamp issue --help
        runuser -u nobody -- env CLAIMSTAMP_DATA=/nope/data claimstamp serve || echo "refused: $?"
        claimstamp welcome
        echo "again: $(./install.sh 2>&1 | tail -n 1)"
        ended
        # The release becomes an earlier version, which is upgraded.
        mv /opt/claimstamp-${version} /opt/claimstamp-0.9.0
        ln -sfn /opt/claimstamp-0.9.0 /opt/claimstamp
        ./install.sh
        echo "now: $(readlink /opt/claimstamp) $(ls -d /opt/claimstamp-*)"
        claimstamp verify /var/lib/claimstamp/before-*.db
        started
        echo "issued: $(claimstamp issue --product METER)"
        ended
        CLAIMSTAMP_SITE=P2 CLAIMSTAMP_DATA=/var/lib/claimstamp claimstamp issue --product METER >/dev/null
        echo "made by root: $(find /var/lib/claimstamp ! -user claimstamp | wc -l)"
        ./install.sh --uninstall
        echo "left: $(ls -d /opt/claimstamp* /usr/local/bin/claimstamp 2>/dev/null) $(ls /var/lib/claimstamp/ledger.db)"
      `);
      expect(out).toContain('settings: 1 640:root:claimstamp\n700:claimstamp:claimstamp\n');
      expect(out.match(/^issued: .*"?[0-9A-HJKMNP-TV-Z]{10}/gm)).toHaveLength(2);
      expect(out).toMatch(/Console +http:\/\/127\.0\.0\.1:4123\n[^]*First admin +http:\S+\/sign-in\/\S+\n/);
      expect(out).toMatch(/^asked: [0-9A-HJKMNP-TV-Z]{10}$/m);
      expect(out).toContain('refused: 1\nrefused: 1\nUsage: claimstamp issue');
      expect(out).toContain('make it as root (install -d -o 65534 /nope)');
      expect(out).toContain('put sudo before the command\n');
      expect(out).toContain('/var/lib/claimstamp cannot be used (this user has no permission)');
      expect(out).toMatch(/^again: install\.sh: process \d+ still uses \/var\/lib\/claimstamp/m);
      expect(out).toContain(`now: /opt/claimstamp-${version} /opt/claimstamp-0.9.0\n/opt/claimstamp-${version}\n`);
      expect(out).toMatch(
        /To go back[^]*\/opt\/claimstamp-0\.9\.0\/install\.sh --no-backup[^]*claimstamp restore \S+\.db/,
      );
      expect(out).toContain('made by root: 0\n');
      expect(out).toContain('left:  /var/lib/claimstamp/ledger.db');
      expect({ status, out }).toMatchObject({ status: 0 });
    },
    BUILD_MS,
  );

  it(
    'refuses damaged files and settings of another version, and then changes nothing',
    () => {
      const { status, out } = inside(`
        ./install.sh --set CLAIMSTAMP_NOT_THERE=1 || echo "refused: $?"
        echo "placed: $(ls -d /opt/claimstamp /etc/claimstamp.env* 2>/dev/null)"
        echo x >> dist/src/cli/claimstamp.js
        ./install.sh || echo "refused: $?"
      `);
      expect(out.match(/^refused: 1$/gm)).toHaveLength(2);
      expect(out).toContain('placed: \n');
      expect(out).toContain('CLAIMSTAMP_NOT_THERE');
      expect(out).toContain('files differ from SHA256SUMS');
      expect({ status, out }).toMatchObject({ status: 0 });
    },
    BUILD_MS,
  );

  it(
    'reads settings as systemd does, waits for no other installer, and leaves nothing on a disk that is too small or runs no programs',
    () => {
      const { status, out } = inside(`
        flock /run/claimstamp-install.lock ./install.sh || echo "refused: $?"
        for options in size=50m size=600m,noexec; do
          mount -t tmpfs -o $options tmpfs /opt
          ./install.sh || echo "refused: $?"
          echo "left: $(ls /opt)"
          umount /opt
        done
        printf 'PORT=4124 \\r\\n  CLAIMSTAMP_SITE_NAME = "Plant 2"\\r\\nCLAIMSTAMP_DEFAULT_PRODUCT=ME\\\\TER' > /etc/claimstamp.env
        ./install.sh --set CLAIMSTAMP_SITE_NAME=North
        claimstamp config check | grep -E '^  "(port|siteName|defaultProduct)"'
      `);
      expect(out.match(/^refused: 1$/gm)).toHaveLength(3);
      expect(out).toContain('another installer runs');
      expect(out).toMatch(/the release needs \d+ KiB in \/opt, and \d+ KiB are free/);
      expect(out).toContain('mount its file system without noexec');
      expect(out.match(/^left: $/gm)).toHaveLength(2);
      expect(out).toContain('  "port": 4124,\n');
      expect(out).toContain('  "siteName": "North",\n');
      expect(out).toContain('  "defaultProduct": "METER",\n');
      expect({ status, out }).toMatchObject({ status: 0 });
    },
    BUILD_MS,
  );
});
