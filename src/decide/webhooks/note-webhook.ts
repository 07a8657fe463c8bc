import type { EventData } from '../../model/event-data.ts';
import type { Decision, Seen } from '../seen.ts';

/**
 * Records that a person or a program changes a webhook. The webhook itself is not in the ledger, because its secret
 * must not be in copies of the ledger.
 */
export type NoteWebhook = { kind: 'note-webhook'; actor: string } & EventData['webhook-set'];

export function noteWebhook(
  _seen: Seen,
  { kind: _kind, actor, ...data }: NoteWebhook,
  at: number,
): Decision<{ at: number }> {
  return { events: [{ type: 'webhook-set', actor, data }], answer: { at } };
}
