/** The parts of an HTTP/1.1 reply that an agent reads. */
export interface Reply {
  status: number;
  body: string;
}

/**
 * An answer of the service is about 200 bytes long. An error page of a proxy is longer, but still smaller than this
 * limit.
 */
export const MAX_REPLY_BYTES = 64 * 1024;

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Reads a reply from the bytes received so far (RFC 9112). Returns undefined if the reply is not complete yet. `ended`
 * is true if the server has closed the connection. If the reply does not state the length of its body, the body ends
 * when the server closes the connection. Throws if the bytes are not HTTP.
 */
export function readReply(bytes: Buffer, ended: boolean): Reply | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...fields] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1];
  if (status === undefined) throw new Error('the reply is not HTTP');
  const body = readBody(fields, bytes.subarray(headEnd + HEAD_END.length), ended);
  return body === undefined ? undefined : { status: Number(status), body: body.toString('utf8') };
}

function readBody(fields: string[], rest: Buffer, ended: boolean): Buffer | undefined {
  const field = (name: string): string | undefined =>
    fields.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1);
  if (field('transfer-encoding')?.trim().toLowerCase() === 'chunked') return joinChunks(rest);
  const length = field('content-length');
  if (length === undefined) return ended ? rest : undefined;
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
}

/** Joins the chunks of a chunked body (RFC 9112, 7.1). */
function joinChunks(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (!(size >= 0)) throw new Error('the reply has a chunk without a size');
    if (size === 0) return Buffer.concat(chunks);
    at = lineEnd + 2 + size + 2;
    if (at > bytes.length) return undefined;
    chunks.push(bytes.subarray(lineEnd + 2, at - 2));
  }
}
