import { renderJob as render } from '../../src/label/job.ts';

/** The bytes of a drawn job. */
export async function renderJob(...args: Parameters<typeof render>): Promise<Uint8Array> {
  return (await render(...args)).bytes;
}
