#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { readConfig, type Config } from '../config.ts';
import { ClaimstampError } from '../platform/error.ts';
import { markInUse } from '../platform/mark-in-use.ts';
import { openLog } from '../platform/log.ts';
import { ignoreEmptyZone } from '../platform/time-zone.ts';
import { becomeOwner, readServeFile } from '../jobs/data-folder.ts';
import { ledgerFile } from '../sqlite/sqlite-ledger.ts';
import { ownData } from '../sqlite/data-lock.ts';
import { noLedger, reason } from './api.ts';
import { report } from './run.ts';
import { isObject } from '../model/event.ts';
import { problemIn } from '../http/problems.ts';
import { logFormat } from './log-format.ts';

/*
 * The command that an agent runs when it is in its command mode: `serialize "<product>"`. The agent takes the entire
 * standard output as the Claim ID. So the command prints either the Claim ID without a newline, or nothing.
 */

/** The time limit for the command in ms, which is the same as the agent's. */
const TIMEOUT_MS = 30_000;

process.umask(0o077);
ignoreEmptyZone(process.env);
try {
  await markInUse();
  const [product, ...rest] = process.argv.slice(2);
  if (!product || product.startsWith('-') || rest.length > 0)
    throw new ClaimstampError('invalid', 'usage: serialize <product>');
  process.stdout.write(await serialize(readConfig(process.env), product));
} catch (error) {
  report(error);
  process.exitCode = 1;
}

/**
 * Asks the running service for the Claim ID. If no service is running, opens the ledger, which must exist. If the
 * service answers with an error, the command also fails.
 */
async function serialize(config: Config, product: string): Promise<string> {
  const ask = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ product }) };
  if (config.url !== undefined) return idOf(await post(agentAddress(config.url), ask));
  if (config.ledger === undefined && !existsSync(ledgerFile(config.data))) throw noLedger(config.data);
  let own = ownData(config.data);
  const running = own ? undefined : readServeFile(config.data);
  // If the service uses TLS, `serve.json` contains the address of a local listener for commands. This listener requires
  // a token.
  const authorization = `Bearer ${running?.token}`;
  if (running)
    return idOf(await post(agentAddress(running.url), { ...ask, headers: { ...ask.headers, authorization } }));
  own ??= await becomeOwner(config.data);
  // Most commands ask a service, and need none of its code.
  const { openApplication } = await import('../main.ts');
  const application = await openApplication(config, openLog('error', 'stderr', logFormat(config, process.stderr)), own);
  try {
    return await idOf(await application.app.request('/ioto/serialize', ask));
  } finally {
    await application.close();
  }
}

/**
 * Returns the address to ask for a Claim ID. CLAIMSTAMP_URL may already be the complete address with a station's key,
 * as in the settings of an agent.
 */
function agentAddress(url: string): string {
  const { pathname } = new URL(url);
  return pathname === '/' ? `${url.replace(/\/$/, '')}/ioto/serialize` : url;
}

async function post(url: string, ask: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...ask, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new ClaimstampError('ledger-unavailable', `${new URL(url).origin} does not answer (${reason(error)})`);
  }
}

async function idOf(answer: Response): Promise<string> {
  const json: unknown = await answer.json();
  if (answer.status === 200 && isObject(json) && typeof json['id'] === 'string') return json['id'];
  throw new ClaimstampError('invalid', problemIn(json).detail ?? `the service answered ${answer.status}`);
}
