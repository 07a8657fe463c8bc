/*
 * Limits on the time and memory that a client can use. An agent's request is one packet of a few hundred bytes, and the
 * agent gives up after 30 seconds (agent/CONTRACT.md).
 */

/** Time to receive all headers, counted from the connection or its last answer: enough for three lost packets. */
export const HEADERS_MS = 10_000;

/** Time to receive the body. An agent has given up by then, and the largest import arrives in time at 1 MiB/s. */
export const REQUEST_MS = 30_000;

/** How often Node looks for late requests. Its default, 30 seconds, would turn a limit of ten seconds into forty. */
export const LOOK_FOR_LATE_MS = 1000;

/** How long an idle connection stays open for a browser's next click. Agents connect for each request. */
export const KEEP_ALIVE_MS = 5000;

/** A client that reads nothing of its answer for this long is disconnected. An agent has the same timeout. */
export const STALL_MS = 30_000;

/** A handshake is two round trips; a slow device needs a second or two for the cryptography. */
export const HANDSHAKE_MS = 10_000;

/** The limit of Node and common proxies. Agents send 200 bytes; browsers add cookies of other services on this host. */
export const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Requests queued on one connection. Agents and browsers wait for each answer before the next request. Without this
 * limit Node would accept two thousand in one read and hold their answers for a client that does not read.
 */
export const MAX_PIPELINED = 16;

/** After a power cut, several hundred devices behind one NAT address reconnect at once. This is twice as many. */
export const MAX_PER_ADDRESS = 1000;

/** More than three addresses can use together. One takes 50 KiB, or 100 KiB with TLS: at most 400 MiB in all. */
export const MAX_CONNECTIONS = 4000;
