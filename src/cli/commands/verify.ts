import { existsSync, statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createPublicKey } from 'node:crypto';
import { Command } from 'commander';
import { readConfig, type Config } from '../../config.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { readIfThere } from '../../platform/file-error.ts';
import { fileOf } from '../../jobs/open-ledger.ts';
import { checkpointFile } from '../../jobs/checkpoints.ts';
import { formerKeys, readSigner } from '../../jobs/signer.ts';
import { ledgerFile } from '../../sqlite/sqlite-ledger.ts';
import { verifyFile, type VerifyOptions } from '../../jobs/verify-file.ts';
import type { Signer } from '../../proof/checkpoint.ts';
import type { Finding, Verification } from '../../proof/verification.ts';
import { openProgress, type Progress } from '../progress.ts';
import { readOutside } from '../read-outside.ts';
import { print } from '../run.ts';

interface Options {
  checkpoint?: string[];
  key?: string[];
  policy?: string;
  claimIds?: true;
  json?: true;
}

/**
 * The priority (nice value) of this process, which is lower than normal, so that a running service can answer agents
 * first.
 */
const NICE = 10;

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'check a ledger, a backup, an exported bundle or a .tlog-proof file offline; exits with 0 only if there is no problem',
    )
    .argument('[file]', 'ledger.db, a backup, a bundle .zip, or a .tlog-proof (default: the ledger of the data folder)')
    .option('--checkpoint <file...>', 'a signed checkpoint that was kept elsewhere')
    .option(
      '--key <file|key...>',
      'a public key that was kept elsewhere: a PEM file, a file with a verifier key, or the verifier key itself',
    )
    .option('--policy <file>', 'policy that names the witnesses that must have signed (C2SP tlog-policy)')
    .option('--claim-ids', 'show complete Claim IDs in the problems')
    .option('--json', 'the report as JSON')
    .action(async (file: string | undefined, options: Options) => {
      const { target, given } =
        file === undefined ? ownLedger(readConfig(process.env)) : { target: ledgerIn(file), given: {} };
      setPriority(NICE);
      let bar: Progress | undefined;
      const verification = await verifyFile(
        target,
        { ...given, ...readOutside(options), ...(options.claimIds ? { showClaimIds: true } : {}) },
        (done, total) => {
          bar ??= openProgress('verify', total);
          bar.set(done);
        },
      ).finally(() => bar?.end());
      print(options.json ? JSON.stringify(verification) : printable(report(verification)));
      if (!verification.ok) process.exitCode = 1;
    });
}

/** If the path is a data folder, returns the path of the ledger in it. */
function ledgerIn(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  if (existsSync(ledgerFile(path))) return ledgerFile(path);
  throw new ClaimstampError('not-found', `${path} is a folder without a ledger.db: name the ledger's file`);
}

/**
 * The checkpoint and the key in the data folder reveal only accidental changes. A person who changes the ledger
 * deliberately can also change these two files. A checkpoint or key from an option is used instead of the one in the
 * data folder.
 */
function ownLedger(config: Config): { target: string; given: VerifyOptions } {
  const { data } = config;
  const target = fileOf(config);
  if (!existsSync(target))
    throw new ClaimstampError('not-found', `${data} has no ledger: name a file, or set CLAIMSTAMP_DATA`);
  const signer = readSigner(config);
  const checkpoint = readIfThere(checkpointFile(data));
  return {
    target,
    given: {
      beside: {
        ...(checkpoint === undefined ? {} : { checkpoint }),
        ...(signer === undefined ? {} : { keys: [publicPem(signer), ...formerKeys(data)] }),
      },
    },
  };
}

function publicPem({ privateKey }: Signer): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}

/**
 * Replaces control characters. Otherwise, names and texts in a file from elsewhere could change what the terminal
 * shows.
 */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, '?');
}

function report({ ok, file, of, size, root, findings, found, proven, unproven }: Verification): string {
  const more = found - findings.length;
  return [
    `${file}: ${of === 'ledger' ? 'a ledger' : of === 'bundle' ? 'a part of a ledger' : 'the proof of one event in a ledger'} of ${size.toLocaleString('en-US')} events${root === undefined ? '' : `, root ${root}`}`,
    '',
    ...(ok ? ['No problem found:'] : [`NOT VALID: ${found === 1 ? '1 problem' : `${found} problems`}:`]),
    ...(ok ? proven.map((one) => `  - ${one}`) : findings.map((one) => `  - ${sentence(one)}`)),
    ...(more > 0 ? [`  … and ${more.toLocaleString('en-US')} more`] : []),
    ...(unproven.length > 0 ? ['', 'Not proven:', ...unproven.map((one) => `  - ${one}`)] : []),
  ].join('\n');
}

function sentence({ what, uci, table, column }: Finding): string {
  const where = [
    ...(table === undefined ? [] : [column === undefined ? table : `${table}.${column}`]),
    ...(uci === undefined ? [] : [`Claim ID ${uci}`]),
  ];
  return where.length === 0 ? what : `${what} (${where.join(', ')})`;
}
