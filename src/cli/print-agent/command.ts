import { createHash } from 'node:crypto';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { isLoopback } from '../../platform/loopback.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { lockFolder } from '../../sqlite/data-lock.ts';
import { openLink } from '../api.ts';
import { print } from '../run.ts';
import { runAgent } from './agent.ts';
import { openMemory } from './memory.ts';
import { targetOf } from './target.ts';

/**
 * The time limit for a request, in ms. The service answers a request for a label within 20 seconds. Fetching a label
 * without copies takes milliseconds.
 */
const REQUEST_MS = 35_000;

interface Options {
  url: string;
  token: string;
  to: string;
  media?: string;
  certificate?: string;
  state?: string;
  insecure?: true;
}

export function printAgentCommand(): Command {
  return new Command('print-agent')
    .description('print labels from the service on a printer of this PC')
    .addOption(new Option('--url <url>', 'address of the service').env('CLAIMSTAMP_URL').makeOptionMandatory())
    .addOption(
      new Option('--token <token>', 'token of the printer, from claimstamp printer token')
        .env('CLAIMSTAMP_PRINT_TOKEN')
        .makeOptionMandatory(),
    )
    .requiredOption(
      '--to <printer>',
      'printer of this PC: /dev/usb/lp0, \\\\pc\\share (Windows), host[:port], or ipp://localhost/printers/NAME',
    )
    .option('--media <name>', 'IPP media name of the label size, for ipp://')
    .option('--certificate <fingerprint>', "SHA-256 fingerprint of the printer's own certificate, for ipps://")
    .option('--state <folder>', 'folder for the labels that the agent has begun to print')
    .option('--insecure', 'allow http:// to another machine: the token and the labels are then sent unencrypted')
    .action(start);
}

async function start({ url, token, state, insecure, ...to }: Options): Promise<void> {
  refuseUnsafe(url, insecure === true);
  const target = targetOf(to);
  const folder =
    state ?? join(process.env['STATE_DIRECTORY'] ?? join(homedir(), '.claimstamp', 'print-agent'), nameOf(token));
  const lock = lockFolder(folder, folder);
  if (lock === undefined)
    throw new ClaimstampError(
      'busy',
      `another print agent uses ${folder}: stop it, or give each agent its own folder with --state`,
    );
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  const say = (text: string): void => print(`${new Date().toISOString()} ${text}`);
  try {
    const memory = await openMemory(folder, () =>
      say(`the file in ${folder} is damaged, so earlier labels are unknown: check the printer`),
    );
    say(`print agent for ${target.place}, asking ${url}`);
    // Even if the agent is told to stop, it still reports the outcome of the label that is being printed.
    const limit = (path: string): AbortSignal =>
      path.endsWith('/next')
        ? AbortSignal.any([stop.signal, AbortSignal.timeout(REQUEST_MS)])
        : AbortSignal.timeout(REQUEST_MS);
    await runAgent({ client: openLink(url, token, limit), memory, target, host: hostname(), say, stop: stop.signal });
  } finally {
    lock.close();
  }
  // Without this call, a write to a device that does not respond would keep the process running.
  process.exit();
}

function refuseUnsafe(url: string, isInsecure: boolean): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new ClaimstampError('invalid', `--url ${url} must be an address such as https://claims.factory.example:4100`);
  const { protocol, hostname: host } = new URL(url);
  if (protocol === 'https:' || isInsecure || isLoopback(host.replace(/^\[(.*)\]$/, '$1'))) return;
  throw new ClaimstampError(
    'invalid',
    `${url} would send the token and the labels unencrypted: use https://, or add --insecure if no one else can read this network's traffic`,
  );
}

/**
 * Returns a name for the folder of the agent with this token. A PC may have agents for several printers, and each agent
 * has a different token.
 */
function nameOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16);
}
