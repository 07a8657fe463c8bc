/*
 * Limits on the time and memory that a client can take up. An agent's request is one packet of a few hundred bytes, and
 * the agent gives up after 30 seconds (docs/firmware.md).
 */

/**
 * The time limit in ms for receiving all headers. The time starts when the connection is opened, or after the previous
 * answer on the connection. The limit is long enough even if three packets are lost.
 */
export const HEADERS_MS = 10_000;

/**
 * The time limit in ms for receiving the body of a request. An agent gives up before this time is over. At 1 MiB/s,
 * even the largest import arrives in this time.
 */
export const REQUEST_MS = 30_000;

/**
 * The interval in ms at which Node checks for late requests. With Node's default interval of 30 s, a limit of 10 s
 * might take effect only after 40 s.
 */
export const LOOK_FOR_LATE_MS = 1000;

/**
 * The time in ms that an idle connection is kept open for the browser's next request. Agents open a connection for each
 * request.
 */
export const KEEP_ALIVE_MS = 5000;

/**
 * If a client does not read its answer for this long (ms), the service disconnects the client. An agent waits this long
 * for an answer.
 */
export const STALL_MS = 30_000;

/** A TLS handshake takes two round trips, and a slow device needs a second or two for the cryptography. */
export const HANDSHAKE_MS = 10_000;

/**
 * Node and common proxies use the same limit. Agents send 200 bytes of headers. Browsers send more, because they also
 * send cookies of other services on the same host.
 */
export const MAX_HEADER_BYTES = 16 * 1024;

/**
 * The number of requests that may wait on one connection. Agents and browsers send a request only after the previous
 * answer has arrived. Without a limit, Node would accept 2,000 requests in one read and keep all their answers in
 * memory for a client that never reads them.
 */
export const MAX_PIPELINED = 16;

/**
 * After a power cut, several hundred devices behind one NAT address reconnect at once. The limit is twice that number
 * of devices.
 */
export const MAX_PER_ADDRESS = 1000;

/**
 * The maximum number of connections. It is above three times the limit of one address, so three addresses together
 * cannot use it up. A connection takes 100 KiB with TLS and 50 KiB without, so 4,000 connections take at most 400 MiB.
 */
export const MAX_CONNECTIONS = 4000;
