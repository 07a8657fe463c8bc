import { cpSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { damage, type Damage } from '../harness/damage.ts';
import { ask, start } from '../harness/service.ts';
import { openRow, type Check } from './check.ts';
import { contentsOf, ledgerIn } from './contents.ts';

const DEVICES = 20;

/** The states in which a power cut may leave a file that was being written. */
const WAYS: Damage[] = ['empty', 'half', 'zeros'];

/**
 * A power cut damages each of the small files next to the ledger. The next start must either work, or end with one
 * sentence that names the file. No Claim ID may be lost, and no device may get a second one. When the file is put back,
 * the service must work as before.
 */
export const tornFiles: Check = async ({ short, folder, say }) => {
  const sound = join(folder, 'sound');
  const first = await start(sound);
  const answered = new Map<string, string>();
  for (let n = 0; n < DEVICES; n++) {
    const { id } = await ask(first.port, { mac: `device-${n}` });
    if (id !== undefined) answered.set(`device-${n}`, id);
  }
  // A normal stop would update the files. After SIGKILL, the files are as they would be after a power cut.
  await first.end('SIGKILL');
  const small = readdirSync(sound).filter((name) => !name.startsWith('ledger.db') && !name.endsWith('.json5'));
  const names = small.filter((name) => statSync(join(sound, name)).isFile() && statSync(join(sound, name)).size > 0);
  const row = openRow('a power cut damages a small file next to the ledger');
  let started = 0;
  for (const name of names)
    for (const how of short ? WAYS.slice(0, 1) : WAYS) {
      say(`torn files: ${name}, ${how}`);
      row.tried();
      const why = await tear(name, how);
      if (why !== undefined) row.fail(`${name}, ${how}: ${why}`);
    }
  const refused = names.length * (short ? 1 : WAYS.length) - started;
  return [row.row(`${names.join(', ')}: ${started} starts worked, ${refused} named the file; nothing lost`)];

  /** Damages one file. Returns the problem, or undefined. */
  async function tear(name: string, how: Damage): Promise<string | undefined> {
    const data = join(folder, 'torn');
    rmSync(data, { recursive: true, force: true });
    cpSync(sound, data, { recursive: true });
    damage(join(data, name), how);
    const torn = await known(data, 503);
    if (torn === undefined) started++;
    else if (!torn.includes(join(data, name)) || /^ {4}at /m.test(torn)) return torn;
    cpSync(join(sound, name), join(data, name));
    return known(data);
  }

  /**
   * Starts the service, and repeats each device's request. If the ledger is held, the service answers with 503. Returns
   * why the service did not start, or what it lost. Returns undefined if all is well.
   */
  async function known(data: string, also = 200): Promise<string | undefined> {
    try {
      const service = await start(data, { held: also !== 200 });
      try {
        for (const [mac, id] of answered) {
          const again = await ask(service.port, { mac });
          if (again.id !== id && again.status !== also)
            return `${mac} got ${again.status}, with a different Claim ID or none`;
        }
      } finally {
        await service.end('SIGTERM');
      }
    } catch (error) {
      return (error as Error).message;
    }
    const { ucis, findings } = await contentsOf(ledgerIn(data));
    if (ucis.size !== answered.size) return `${ucis.size} units for ${answered.size} devices`;
    return findings[0];
  }
};
