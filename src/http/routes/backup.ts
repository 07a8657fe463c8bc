import { handOut } from '../send-file.ts';
import { unlessLeft } from '../client-gone.ts';
import { nameOf } from '../auth.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';

const TYPE = 'application/vnd.sqlite3';

export const backupOperations = {
  'GET /v1/ledger/backup': {
    tag: 'ledger',
    summary: 'Get a checked snapshot of the ledger',
    description:
      'A SQLite file for `claimstamp restore`. The file contains all Claim IDs and the hashes of all credentials. The ledger records who made the copy.',
    may: 'ledger:backup',
    confirmed: true,
    file: {
      types: [TYPE],
      description: 'A copy of the ledger',
      headers: {
        'Claimstamp-Tree-Size': 'Events in the copy',
        'Claimstamp-Rows': 'Units in the copy',
        'Repr-Digest': 'SHA-256 of the file (RFC 9530)',
      },
    },
    refusals: ['busy', 'disk-full', 'stopping'],
  },
} satisfies Declarations;

export function backupRoute(on: On, { backups, ledger }: Services): void {
  on(backupOperations, 'GET /v1/ledger/backup', async ({ c, who, stillAllowed }) => {
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': TYPE });
    const backup = await unlessLeft(c, stillAllowed, (signal) => backups.make(nameOf(who), signal));
    const { treeSize, units, sha256 } = backup.made;
    const noted = { what: 'backup', filter: { treeSize, sha256 }, count: units };
    await ledger.record({ kind: 'note-bulk-read', ...noted, actor: who.actor }).catch(async (error: unknown) => {
      await backup.file.close();
      throw error;
    });
    return handOut(c, stillAllowed, backup, {
      'content-type': TYPE,
      'claimstamp-tree-size': String(treeSize),
      'claimstamp-rows': String(units),
      'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
    });
  });
}
