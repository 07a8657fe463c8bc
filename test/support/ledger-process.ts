import { fork } from 'node:child_process';
import { join } from 'node:path';
import { atFileEnd } from './file-end.ts';
import type { Answer, Command } from '../../src/decide/command.ts';
import { ClaimstampError, type ErrorCode } from '../../src/platform/error.ts';
import { built, packageRoot } from '../../src/platform/package-root.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';

/** The ledger in a process of its own, without a server: to be killed, and for disks that fail. */
export interface LedgerProcess {
  /** One at a time. */
  record: <C extends Command>(command: C) => Promise<Answer<C>>;
  /** Resolves once the process is gone. */
  kill: () => Promise<void>;
}

const running = new Set<LedgerProcess>();
atFileEnd(async () => {
  for (const ledger of running) await ledger.kill();
  running.clear();
});

type FromProcess = 'opened' | { answer: Answer<Command> } | { refused: { code: ErrorCode; message: string } };

export async function startLedger(data: string, env: Record<string, string> = {}): Promise<LedgerProcess> {
  const { PATH = '' } = process.env;
  const child = fork(
    join(packageRoot, 'test', 'support', 'ledger-process.mjs'),
    [built('sqlite/sqlite-ledger.js'), ledgerFile(data)],
    // Commands hold bytes; JSON would make objects of them.
    { env: { PATH, ...env }, serialization: 'advanced', execArgv: [] },
  );
  const waiting: { resolve: (answer: never) => void; reject: (error: Error) => void }[] = [];
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const { reject } of waiting.splice(0)) reject(new Error('the process ended'));
      resolve();
    });
  });
  const opened = new Promise<void>((resolve, reject) => {
    waiting.push({ resolve: () => resolve(), reject });
  });
  child.on('message', (message: FromProcess) => {
    const asked = waiting.shift();
    if (message !== 'opened' && 'refused' in message) {
      asked?.reject(new ClaimstampError(message.refused.code, message.refused.message));
    } else asked?.resolve((message === 'opened' ? undefined : message.answer) as never);
  });
  const ledger: LedgerProcess = {
    record: (command) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.send(command);
      }),
    kill: () => {
      running.delete(ledger);
      child.kill('SIGKILL');
      return gone;
    },
  };
  running.add(ledger);
  await opened;
  return ledger;
}
