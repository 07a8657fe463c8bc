/*
 * How long and how much a client may take. An agent's request is one packet of a few hundred bytes, and it gives up after
 * 30 seconds (agent/CONTRACT.md): who needs more than these is not one, or its network is broken.
 */

/** From the connection, or the last answer on it, to the end of the headers: three lost packets and their repeats fit. ms */
export const HEADERS_MS = 10_000;

/** To the end of the body: an agent has given up by then, and the largest import passes at 1 MiB/s. ms */
export const REQUEST_MS = 30_000;

/** Node looks for late ones only every 30 seconds by itself, which would make ten seconds forty. ms */
export const LOOK_FOR_LATE_MS = 1000;

/** An idle connection is kept for a browser's next click; agents make a new one for each request. ms */
export const KEEP_ALIVE_MS = 5000;

/** Nothing of a waiting answer was taken for so long: the client is gone or does not mean to read. As long as an agent waits. ms */
export const STALL_MS = 30_000;

/** A handshake is two round trips; a slow device needs a second or two for its part of the cryptography. ms */
export const HANDSHAKE_MS = 10_000;

/** What Node and common proxies take. An agent's are 200 bytes, but a browser brings along the cookies of all other services on the same host name. Bytes */
export const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Requests that wait on one connection behind the one being answered. Agents and browsers send none ahead; Node would
 * take all that fit into one read, two thousand, and hold their answers for a client that reads none.
 */
export const MAX_PIPELINED = 16;

/** A whole line behind one translated address comes back at once after a power cut: several hundred devices, twice over. */
export const MAX_PER_ADDRESS = 1000;

/** So no three addresses together can take all. At about 50 KiB each, 100 KiB with TLS, they fill 400 MiB at most. */
export const MAX_CONNECTIONS = 4000;
