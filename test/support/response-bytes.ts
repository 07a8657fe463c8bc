/** The bytes of an answer: of server-sent events, which have no end, what comes first. */
export async function bytesOf(answer: Response): Promise<Buffer> {
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') !== true || answer.body === null)
    return Buffer.from(await answer.arrayBuffer());
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return Buffer.from(value ?? []);
}
