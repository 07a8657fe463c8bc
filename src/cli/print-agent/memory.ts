import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TROUBLES, type Outcome } from '../../model/printing/sending.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { errorCode } from '../../platform/error.ts';

/*
 * The data that a print agent needs after a crash. The record that the print agent took a job is on disk before the
 * first byte goes to the printer. The outcome is on disk before the print agent reports it. Each start of the agent has
 * a number, with which the service recognises late requests from an earlier start.
 */

export interface Memory {
  /** The random name of this agent. */
  agent: string;
  /** Identifies this run of the print agent. Each start has a different number. */
  run: number;
  /** The claims that the agent has begun, with their outcomes where these are known. */
  claims: () => readonly Remembered[];
  /** Records that this claim was begun. Resolves when the record is on disk, so that it survives a restart. */
  begin: (claim: string) => Promise<void>;
  end: (claim: string, outcome: Outcome) => Promise<void>;
  forget: (claim: string) => Promise<void>;
}

export interface Remembered {
  claim: string;
  outcome?: Outcome | undefined;
}

const KnownOutcome = z.discriminatedUnion('state', [
  z.object({ state: z.literal('done') }),
  z.object({ state: z.literal('sent') }),
  z.object({ state: z.literal('queued'), what: z.enum(TROUBLES), reason: z.string() }),
  z.object({ state: z.literal('failed'), reason: z.string(), mayHaveLeft: z.boolean() }),
  z.object({ state: z.literal('unknown'), reason: z.string() }),
]);
const Stored = z.object({
  agent: z.string(),
  run: z.int(),
  claims: z.array(z.object({ claim: z.string(), outcome: KnownOutcome.optional() })),
});

/** The number of random bytes in an agent's name: 144 bits, written as base64url. */
const NAME_BYTES = 18;

/**
 * Reads the memory file in this folder. A damaged file counts as lost. The agent then gets a new name. So the service
 * knows that it must not ask this agent about earlier labels.
 */
export async function openMemory(folder: string, onLost: () => void): Promise<Memory> {
  const file = join(folder, 'print-agent.json');
  const stored = read(file, onLost) ?? { agent: randomBytes(NAME_BYTES).toString('base64url'), run: 0, claims: [] };
  const own = { agent: stored.agent, run: stored.run + 1 };
  let claims: Remembered[] = stored.claims;
  const save = (next: Remembered[]): Promise<void> => {
    claims = next;
    return writeAtomically(file, JSON.stringify({ ...own, claims }));
  };
  await save(claims);
  const others = (claim: string): Remembered[] => claims.filter((one) => one.claim !== claim);
  return {
    ...own,
    claims: () => claims,
    begin: (claim) => save([...others(claim), { claim }]),
    end: (claim, outcome) => save([...others(claim), { claim, outcome }]),
    forget: (claim) => save(others(claim)),
  };
}

function read(file: string, onLost: () => void): z.infer<typeof Stored> | undefined {
  try {
    return Stored.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') onLost();
    return undefined;
  }
}
