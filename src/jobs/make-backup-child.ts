import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { BackupMade, BackupSigned, BackupTask } from '../contract/backup.ts';
import { ClaimstampError } from '../platform/error.ts';
import { workInChild } from '../platform/spool.ts';
import { copyLedger, signCopy } from '../sqlite/copy-ledger.ts';
import { verifyLedger } from './verify-file.ts';

/* This child process copies the ledger during production, and checks the copy. */

// A copy of the ledger contains all Claim IDs, so only the owner of the file may read it.
process.umask(0o077);

workInChild(async ({ ledger, out }: BackupTask, parent): Promise<BackupMade> => {
  const { head, units } = copyLedger(ledger, out);
  const { note } = await parent.ask<BackupSigned>(head);
  if (note !== undefined) signCopy(out, { size: head.size, note, at: Date.now() });
  const { ok, findings } = await verifyLedger(out);
  if (!ok) {
    throw new ClaimstampError(
      'ledger-unavailable',
      `the copy is not valid (${findings[0]?.what ?? 'it cannot be read'}): check the ledger with claimstamp verify`,
    );
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(out), hash);
  return { treeSize: head.size, units, sha256: hash.digest('hex') };
});
