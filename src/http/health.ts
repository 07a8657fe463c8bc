import { keyName, parseCheckpoint, verifierKey } from '../proof/checkpoint.ts';
import type { Services } from './services.ts';

/* A readable summary of the state of the service. `/v1/health`, the Health page and the support bundle show it. */

/**
 * True if someone must take action because of the state of the service. Every page calls this function, so it reads
 * only memory. A missing ledger file is detected elsewhere: by the forecasts' disk check and by the test write of
 * `/readyz`.
 */
export function needsAttention({
  guard,
  forecasts,
  ledger,
}: Pick<Services, 'guard' | 'forecasts' | 'ledger'>): boolean {
  const isLatched = forecasts.line()?.ledger === 'latched' || ledger.figures().state !== 'ready';
  const isCritical = forecasts.alarms().length > 0 || forecasts.list().some(({ level }) => level === 'critical');
  return guard.discontinuity() !== undefined || isLatched || isCritical;
}

/** `stop`: someone must act. `warn`: the line works, but a person should check something. */
export type State = 'stop' | 'warn' | 'good';

/**
 * Returns the state of the service, which every page of the console shows. Like `needsAttention`, it reads only memory.
 */
export function stateOf(services: Services): State {
  if (needsAttention(services)) return 'stop';
  const { printing, forecasts } = services;
  const isWarned = forecasts.list().some(({ level }) => level === 'warning');
  return isWarned || lacksBackups(services) || printing.troubled().length > 0 ? 'warn' : 'good';
}

/**
 * True if the ledger needs a backup folder but none is set. A shared ledger needs none, because PostgreSQL has its own
 * way to archive data.
 */
export function lacksBackups({ config, scheduled }: Pick<Services, 'config' | 'scheduled'>): boolean {
  return config.ledger === undefined && config.training !== true && scheduled() === undefined;
}

export interface BackupState {
  folder: string;
  everyHours: number;
  keep: number;
  lastAt: number | undefined;
  nextAt: number | undefined;
  making: boolean;
  problem: string | undefined;
  failures: number;
  lineFailures: number | undefined;
  sameDisk: boolean | undefined;
  free: number | undefined;
}

/** Returns the state of the backups, or undefined if no backup folder is set. */
export function backupState({ scheduled, config, forecasts }: Services): BackupState | undefined {
  const figures = scheduled();
  if (figures === undefined || config.backupFolder === undefined) return undefined;
  return {
    folder: config.backupFolder,
    everyHours: config.backupEvery,
    keep: config.backupKeep,
    lastAt: figures.lastAt,
    nextAt: figures.nextAt,
    making: figures.making,
    problem: figures.problem,
    failures: figures.failures,
    lineFailures: figures.lineFailures,
    sameDisk: figures.sameDisk,
    free: forecasts.facts().backupRoom?.free,
  };
}

/** Returns the newest stored checkpoint. Never makes a new checkpoint. */
export async function newestCheckpoint({
  ledger,
}: Pick<Services, 'ledger'>): Promise<{ size: number; at: number; root: string } | undefined> {
  const kept = await ledger.checkpoint();
  if (kept === undefined) return undefined;
  return { size: kept.size, at: kept.at, root: Buffer.from(parseCheckpoint(kept.note).root).toString('hex') };
}

export function keyOf({ signer }: Pick<Services, 'signer'>): {
  origin: string;
  fingerprint: string;
  verifierKey: string;
} {
  return { origin: signer.origin, fingerprint: keyName(signer.privateKey), verifierKey: verifierKey(signer) };
}

/** Describes the machine and the program, without the machine's name. */
export function programOf(): { node: string; platform: string; startedAt: number } {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    startedAt: Math.round(Date.now() - process.uptime() * 1000),
  };
}
