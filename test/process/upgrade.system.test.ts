import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import {
  interruptInstall,
  kill,
  npmCi,
  openRegistry,
  run,
  stay,
  unpack,
  write,
  type Registry,
} from '../support/release.ts';
import { environment, tempFolder } from '../support/service.ts';

const OLD = { says: 'old', driver: '1.0.0' };
const NEW = { says: 'new', driver: '2.0.0', migrations: ['0001.sql', '0002.sql'] };
const OLD_RAN = { says: 'old', driver: '1.0.0', schemas: ['0001.sql'] };
const NEW_RAN = { says: 'new', driver: '2.0.0', schemas: ['0001.sql', '0002.sql'] };

let root: string;
let registry: Registry;

describe('small releases', () => {
  /** The old release, installed, built and started once. */
  beforeEach(async () => {
    root = tempFolder();
    registry = await openRegistry();
    unpack(root, OLD);
    expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: OLD_RAN });
    registry.asked.length = 0;
  });

  describe('a start', () => {
    it('installs and builds only once', async () => {
      const { text, ran } = await run(root, registry, 'serve');
      expect({ text, ran, asked: registry.asked }).toEqual({ text: '', ran: OLD_RAN, asked: [] });
    });

    it('uses what npm ci installed', async () => {
      await npmCi(root, registry);
      expect((await run(root, registry, 'serve')).text).toBe('');
    });

    it('installs and builds a new release, and goes back to the former one without a registry', async () => {
      unpack(root, NEW);
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: NEW_RAN });
      registry.close();
      registry.env['npm_config_cache'] = tempFolder();
      rmSync(join(root, 'migrations', '0002.sql'));
      unpack(root, OLD);
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: OLD_RAN });
      unpack(root, NEW);
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: NEW_RAN });
    });

    it('goes back without a registry to packages that npm ci installed', async () => {
      await npmCi(root, registry);
      unpack(root, NEW);
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: NEW_RAN });
      registry.close();
      registry.env['npm_config_cache'] = tempFolder();
      rmSync(join(root, 'migrations', '0002.sql'));
      unpack(root, OLD);
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: OLD_RAN });
    });

    it('builds a release whose files are older than the build that is there', async () => {
      unpack(root, { ...NEW, driver: '1.0.0' });
      for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' }))
        if (!/^(node_modules|dist)/.test(path)) utimesSync(join(root, path), 0, 0);
      const { ran } = await run(root, registry, 'serve');
      expect(ran).toEqual({ ...NEW_RAN, driver: '1.0.0' });
    });

    it('says in one sentence that the lock file was cut off', async () => {
      const lock = join(root, 'package-lock.json');
      writeFileSync(lock, readFileSync(lock, 'utf8').slice(0, 20));
      const { status, text } = await run(root, registry, 'serve');
      expect(status).toBe(1);
      expect(text).toMatch(/^claimstamp: package-lock\.json is damaged: .*\n$/);
    });

    it('runs the migrations of its build, not files that lie beside it', async () => {
      unpack(root, { ...NEW, driver: '1.0.0' });
      write(root, { 'src/wrong': '' });
      const { status, ran, text } = await run(root, registry, 'serve');
      expect({ status, ran }).toEqual({ status: 1, ran: undefined });
      expect(text).toContain('The former build is unchanged');
      expect(readdirSync(join(root, 'dist', 'migrations'))).toEqual(['0001.sql']);
    });

    it('runs a release that has a build and no sources', async () => {
      for (const path of ['src', 'migrations', 'tsconfig.json', 'package-lock.json'])
        rmSync(join(root, path), { recursive: true });
      const { text, ran } = await run(root, registry, 'serve');
      expect({ text, ran }).toEqual({ text: '', ran: OLD_RAN });
    });
  });

  describe('without a registry', () => {
    beforeEach(() => registry.close());

    it('a start says so in one sentence, and the old release starts again', async () => {
      unpack(root, NEW);
      const { status, ran, text } = await run(root, registry, 'serve');
      expect({ status, ran }).toEqual({ status: 1, ran: undefined });
      expect(text).toMatch(/npm ci failed: see above\. Nothing was changed\. Connect this machine to the npm registry/);
      unpack(root, OLD);
      rmSync(join(root, 'migrations', '0002.sql'));
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: OLD_RAN });
    });

    it('a start runs where only packages for the build have changed', async () => {
      unpack(root, { ...OLD, says: 'newer', bundler: '2.0.0' });
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: { ...OLD_RAN, says: 'newer' } });
    });
  });

  describe('a command', () => {
    it('never installs: it says what to run, and changes nothing', async () => {
      unpack(root, NEW);
      const { status, ran, text } = await run(root, registry, 'verify');
      expect({ status, ran, asked: registry.asked }).toEqual({ status: 1, ran: undefined, asked: [] });
      expect(text).toMatch(/do not fit this version and Node .*: run "npm start"/);
      unpack(root, OLD);
      rmSync(join(root, 'migrations', '0002.sql'));
      expect(await run(root, registry, 'verify')).toMatchObject({ status: 0, ran: OLD_RAN });
    });

    it('runs where only packages for the build have changed', async () => {
      unpack(root, { ...OLD, bundler: '2.0.0' });
      writeFileSync(join(root, 'dist', '.built'), '');
      rmSync(join(root, 'src'), { recursive: true });
      expect(await run(root, registry, 'verify')).toMatchObject({ status: 0, ran: OLD_RAN });
      expect(registry.asked).toEqual([]);
    });
  });

  describe('while a service runs from the folder', () => {
    it('nothing is replaced: a start is refused, a command uses the build of the service', async () => {
      const service = await stay(root, registry);
      unpack(root, { ...OLD, says: 'newer' });
      const start = await run(root, registry, 'serve');
      expect(start).toMatchObject({ status: 1, ran: undefined });
      expect(start.text).toContain(`process ${service.pid} runs from this folder`);
      expect(await run(root, registry, 'verify')).toMatchObject({ status: 0, ran: OLD_RAN });
      unpack(root, NEW);
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 1, ran: undefined });
      expect(await run(root, registry, 'verify')).toMatchObject({ status: 1, ran: undefined });
      expect(registry.asked).toEqual([]);
      await kill(service);
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: NEW_RAN });
    });

    it('a second service starts where nothing has changed', async () => {
      await stay(root, registry);
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: OLD_RAN });
    });
  });

  describe('an interruption', () => {
    it('of npm leaves the former packages, and the next start installs', async () => {
      unpack(root, NEW);
      await interruptInstall(root, registry);
      expect(existsSync(join(root, 'node_modules', 'better-sqlite3', 'index.js'))).toBe(true);
      unpack(root, OLD);
      rmSync(join(root, 'migrations', '0002.sql'));
      expect(await run(root, registry, 'verify')).toMatchObject({ status: 0, ran: OLD_RAN });
      unpack(root, NEW);
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: NEW_RAN });
    });

    it.each(['node_modules', 'dist'])('between the renames of %s leaves the former ones', async (name) => {
      renameSync(join(root, name), join(root, `${name}.former`));
      write(root, { [`${name}.next/half`]: '' });
      expect(await run(root, registry, 'verify')).toMatchObject({ status: 0, ran: OLD_RAN, text: '' });
      expect(readdirSync(root).filter((one) => one.startsWith(`${name}.`))).toEqual([]);
    });
  });

  describe('another Node', () => {
    /** The driver as another Node compiled it. */
    function madeForNode(abi: string): void {
      write(join(root, 'node_modules'), { '.claimstamp': `${abi} linux x64`, 'better-sqlite3/foreign': '' });
    }

    it('installs the packages again', async () => {
      madeForNode('1');
      expect(await run(root, registry, 'serve')).toMatchObject({ status: 0, ran: OLD_RAN });
      const stamp = readFileSync(join(root, 'node_modules', '.claimstamp'), 'utf8');
      expect(stamp).toContain(`${process.versions.modules} ${process.platform} ${process.arch}`);
    });

    it('keeps the former packages where npm compiled the driver for a different one', async () => {
      unpack(root, { ...OLD, driver: '3.0.0' });
      const { status, ran, text } = await run(root, registry, 'serve');
      expect({ status, ran }).toEqual({ status: 1, ran: undefined });
      expect(text).toContain(`does not load in Node ${process.versions.node}. Nothing was changed`);
      unpack(root, OLD);
      expect(await run(root, registry, 'verify')).toMatchObject({ status: 0, ran: OLD_RAN });
    });

    it('without a registry says so in one sentence, also for a command', async () => {
      registry.close();
      registry.env['npm_config_cache'] = tempFolder();
      madeForNode('1');
      const start = await run(root, registry, 'serve');
      expect(start).toMatchObject({ status: 1, ran: undefined });
      expect(start.text).toContain(`Node ${process.versions.node}`);
      const command = await run(root, registry, 'verify');
      expect(command).toMatchObject({ status: 1, ran: undefined });
      expect(command.text).toContain(`Node ${process.versions.node}`);
    });
  });
});

describe('the name of the socket', () => {
  it.runIf(process.platform === 'linux')('is the same in all versions of Node', async () => {
    const script = pathToFileURL(join(packageRoot, 'scripts', 'ready', 'users.mjs')).href;
    const { address }: { address: (root: string, which: number) => string } = await import(script);
    // Node 20 fills a shorter name with zero bytes to 108 bytes, and Node 22 does not.
    expect(Buffer.from(address(packageRoot, 0))).toHaveLength(108);
  });
});

describe('the built program', () => {
  it('is a user of its folder, also where it is started without npm', async () => {
    const folder = tempFolder();
    for (const path of ['dist', 'scripts', 'package.json', 'labels', 'assets', 'passwords'])
      cpSync(join(packageRoot, path), join(folder, path), { recursive: true });
    symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
    const env = environment(join(folder, 'data'), {});
    const service = spawn(process.execPath, ['dist/src/cli/claimstamp.js', 'serve'], { cwd: folder, env });
    try {
      await once(service.stdout, 'data');
      const script = pathToFileURL(join(folder, 'scripts', 'ready', 'users.mjs')).href;
      const { otherUsers }: { otherUsers: (root: string) => Promise<string[]> } = await import(script);
      expect(await otherUsers(folder)).toEqual([String(service.pid)]);
    } finally {
      await kill(service);
    }
  });

  it('says in one sentence that its driver is for another Node', () => {
    const folder = tempFolder();
    for (const path of ['dist', 'package.json', 'labels', 'assets', 'passwords'])
      cpSync(join(packageRoot, path), join(folder, path), { recursive: true });
    const modules = join(packageRoot, 'node_modules');
    mkdirSync(join(folder, 'node_modules'));
    for (const name of readdirSync(modules).filter((one) => one !== 'better-sqlite3'))
      symlinkSync(join(modules, name), join(folder, 'node_modules', name));
    for (const path of ['better-sqlite3/package.json', 'better-sqlite3/lib'])
      cpSync(join(modules, path), join(folder, 'node_modules', path), { recursive: true });
    write(folder, { 'node_modules/better-sqlite3/build/Release/better_sqlite3.node': 'not for this machine' });
    const env = environment(join(folder, 'data'), {});
    const args = ['dist/src/cli/claimstamp.js', 'serve'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^claimstamp: the SQLite driver in node_modules was installed for a different Node version .*\n$/,
    );
  });

  it('knows only the migrations of its build', () => {
    const folder = tempFolder();
    cpSync(join(packageRoot, 'dist'), join(folder, 'dist'), { recursive: true });
    cpSync(join(packageRoot, 'migrations'), join(folder, 'migrations'), { recursive: true });
    cpSync(join(packageRoot, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
    write(folder, { 'migrations/sqlite/9999_later.sql': '' });
    const code = `import { migrations } from './dist/src/sqlite/open.js'; console.log(migrations().at(-1).version)`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, encoding: 'utf8' });
    expect(Number(said)).toBeLessThan(9999);
  });
});
