/*
 * Limits of a client's time and space. An agent's request is one packet of a few hundred bytes, and the agent gives up
 * after 30 seconds (agent/CONTRACT.md).
 */

/** From the connection, or the last answer on it, to the end of the headers: enough for three lost packets. */
export const HEADERS_MS = 10_000;

/** To the end of the body: an agent has given up by then, and the largest import fits at 1 MiB/s. */
export const REQUEST_MS = 30_000;

/** Node's default is 30 seconds, which would make a limit of ten seconds forty. */
export const LOOK_FOR_LATE_MS = 1000;

/** For a browser's next click; agents connect for each request. */
export const KEEP_ALIVE_MS = 5000;

/** A client that reads nothing of its answer for this long, an agent's own timeout, is disconnected. */
export const STALL_MS = 30_000;

/** A handshake is two round trips; a slow device needs a second or two for the cryptography. */
export const HANDSHAKE_MS = 10_000;

/** As Node and common proxies. An agent sends 200, a browser also the cookies of other services on the host name. */
export const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Requests queued on one connection. Agents and browsers send none ahead; Node would accept two thousand in one read and
 * hold their answers for a client that does not read.
 */
export const MAX_PIPELINED = 16;

/** Several hundred devices behind one translated address reconnect at once after a power cut; doubled. */
export const MAX_PER_ADDRESS = 1000;

/** More than three addresses can use together. At about 50 KiB each, 100 KiB with TLS, at most 400 MiB. */
export const MAX_CONNECTIONS = 4000;
