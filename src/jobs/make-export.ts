import { createPublicKey } from 'node:crypto';
import type { Checkpoints, Signer } from '../proof/checkpoint.ts';
import type { Exports, ExportTask, ExportUnderWay, Head, Made } from '../contract/exports.ts';
import type { Spool } from '../platform/spool.ts';

export interface ExportsOptions {
  ledger: string;
  spool: Spool;
  signer: Signer;
  checkpoints: Checkpoints;
  now: () => number;
}

export function openExports({ ledger, spool, signer, checkpoints, now }: ExportsOptions): Exports {
  const underWay = new Set<ExportUnderWay>();
  const publicKey = createPublicKey(signer.privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return {
    underWay: () => [...underWay],
    async make(job, { by, signal, ...asked }) {
      const { of, format } = job;
      const at = now();
      const shown: ExportUnderWay = { of, format, ...asked, at, done: 0, total: 0 };
      underWay.add(shown);
      const about = { ledger, job, made: new Date(at).toISOString(), origin: signer.origin, publicKey };
      try {
        const { file, bytes, made } = await spool.make<Made>({
          by,
          entry: 'jobs/make-export-child.js',
          ending: format,
          task: (out): ExportTask => ({ ...about, out }),
          // Only a bundle (zip) contains a checkpoint. So while the ledger is held, files in the other formats are
          // still made, without a checkpoint.
          answer: async (head: Head) =>
            format !== 'zip' && checkpoints.isHeld() ? { note: '' } : { note: (await checkpoints.sign(head)).note },
          onProgress: (progress) => void Object.assign(shown, progress),
          signal,
        });
        return { file, bytes, ...made };
      } finally {
        underWay.delete(shown);
      }
    },
  };
}
