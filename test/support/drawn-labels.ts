import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from './service.ts';

/** An answer with labels, read to its end. */
export interface Drawn {
  status: number;
  type: string | null;
  labels: string | null;
  bytes: Buffer;
  problem: Problem;
}

export async function read(answer: Response): Promise<Drawn> {
  const bytes = Buffer.from(await answer.arrayBuffer());
  const type = answer.headers.get('content-type');
  const problem = (type === 'application/problem+json' ? JSON.parse(bytes.toString()) : {}) as Problem;
  return { status: answer.status, type, labels: answer.headers.get('claimstamp-labels'), bytes, problem };
}

/** The number of pages of a PDF. */
export const pages = ({ bytes }: Drawn): number => bytes.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;

/** What is left of label jobs in the data folder. */
export const spool = (data: string): string[] =>
  existsSync(join(data, 'spool')) ? readdirSync(join(data, 'spool')) : [];
