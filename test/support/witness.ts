import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { provesConsistency } from './proofs.ts';
import { openNote, readVkey } from './signed-note.ts';

/*
 * A witness as c2sp.org/tlog-witness and c2sp.org/tlog-cosignature have it, and nothing of the service's own client used:
 * it knows the keys of its logs, remembers the newest checkpoint of each, and signs a newer one only after it has checked
 * that the tree has only grown.
 */

export interface WitnessServer {
  vkey: string;
  url: string;
  /** For CLAIMSTAMP_WITNESSES. */
  setting: string;
  /** From now on it knows this log. */
  know: (vkey: string) => void;
  /** What came, oldest first, and how it was answered. */
  requests: { old: number; size: number; proof: number; status: number }[];
  /** Answers in its place, until `undefined`. */
  behave: (how: ((response: ServerResponse) => void) | undefined) => void;
  close: () => Promise<void>;
}

interface Head {
  size: number;
  root: Buffer;
}

const EMPTY: Head = { size: 0, root: createHash('sha256').digest() };

export async function openWitness(name = 'witness.example/w1'): Promise<WitnessServer> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const logs = new Map<string, string>();
  const newest = new Map<string, Head>();
  const requests: WitnessServer['requests'] = [];
  let instead: ((response: ServerResponse) => void) | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (instead !== undefined) return instead(response);
      const answer =
        request.method === 'POST' && request.url === '/w1/add-checkpoint' ? add(Buffer.concat(chunks)) : MISSING;
      response.writeHead(answer.status, { 'content-type': answer.type ?? 'text/plain' }).end(answer.body ?? '');
    });
  });

  function add(body: Buffer): Answered {
    const text = body.toString('utf8');
    const split = text.indexOf('\n\n');
    const [first = '', ...lines] = text.slice(0, split).split('\n');
    const [, old = ''] = /^old (0|[1-9]\d*)$/.exec(first) ?? [];
    if (split < 0 || old === '' || lines.length > 63) return { status: 400 };
    const proof = lines.map((line) => Buffer.from(line, 'base64'));
    const note = text.slice(split + 2);
    const origin = note.slice(0, note.indexOf('\n'));
    const vkey = logs.get(origin);
    const asked = { old: Number(old), size: Number(note.split('\n')[1]), proof: proof.length };
    const answer = vkey === undefined ? MISSING : judge(origin, vkey, note, Number(old), proof);
    requests.push({ ...asked, status: answer.status });
    return answer;
  }

  function judge(origin: string, vkey: string, note: string, old: number, proof: Buffer[]): Answered {
    let opened: string[];
    try {
      opened = openNote(note, readVkey(vkey));
    } catch {
      return { status: 403 };
    }
    const [, size = '', root = ''] = opened;
    const head: Head = { size: Number(size), root: Buffer.from(root, 'base64') };
    if (old > head.size) return { status: 400 };
    const last = newest.get(origin) ?? EMPTY;
    const conflict = { status: 409, type: 'text/x.tlog.size', body: `${last.size}\n` };
    if (old !== last.size || (last.size === head.size && !last.root.equals(head.root))) return conflict;
    if (!provesConsistency(last, head, proof)) return { status: 422 };
    newest.set(origin, head);
    return { status: 200, body: cosign(`${opened.join('\n')}\n`) };
  }

  function cosign(text: string): string {
    const at = BigInt(Math.floor(Date.now() / 1000));
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(at);
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${at}\n${text}`), privateKey);
    return `— ${name} ${Buffer.concat([idOf(name, privateKey), time, signature]).toString('base64')}\n`;
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/w1`;
  const vkey = `${name}+${idOf(name, privateKey).toString('hex')}+${typed(privateKey).toString('base64')}`;
  return {
    vkey,
    url,
    setting: `${vkey} ${url}`,
    know: (log) => void logs.set(log.slice(0, log.indexOf('+')), log),
    requests,
    behave: (how) => void (instead = how),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Answered {
  status: number;
  type?: string;
  body?: string;
}

const MISSING: Answered = { status: 404 };

/** Type 4 is a cosignature with Ed25519. */
function typed(key: KeyObject): Buffer {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url')]);
}

function idOf(name: string, key: KeyObject): Buffer {
  return createHash('sha256')
    .update(Buffer.concat([Buffer.from(`${name}\n`), typed(key)]))
    .digest()
    .subarray(0, 4);
}
