import type { Event } from '../../model/event.ts';
import { hashOfSet } from '../../model/labels/render-set.ts';
import { logoKey } from '../../model/labels/saved-logo.ts';
import { askedKey, hashOfBytes, hashOfSource, REMOVED } from '../../model/labels/saved-template.ts';
import type { Row } from '../seen.ts';

type LabelEvent = Event<
  | 'template-saved'
  | 'template-removed'
  | 'logo-saved'
  | 'logo-removed'
  | 'template-approved'
  | 'template-approval-asked'
  | 'template-approval-revoked'
  | 'render-set'
>;

/** Returns the row that an event about templates, pictures or render sets makes. */
export function labelRow(event: LabelEvent): Row {
  const { seq } = event;
  switch (event.type) {
    case 'template-saved': {
      const { name, revision, source } = event.data;
      const hash = checked(seq, event.data.hash, hashOfSource(source));
      return { table: 'label-revision', seq, name, revision, hash };
    }
    case 'logo-saved': {
      const { name, revision, png } = event.data;
      const hash = checked(seq, event.data.hash, hashOfBytes(Buffer.from(png, 'base64')));
      return { table: 'label-revision', seq, name: logoKey(name), revision, hash };
    }
    case 'template-removed':
      return { table: 'label-revision', seq, ...event.data, hash: REMOVED };
    case 'logo-removed': {
      const { name, revision } = event.data;
      return { table: 'label-revision', seq, name: logoKey(name), revision, hash: REMOVED };
    }
    case 'template-approved':
      return { table: 'label-approval', seq, name: event.data.name, revision: event.data.revision };
    case 'template-approval-asked':
      return { table: 'label-approval', seq, name: askedKey(event.data.name), revision: event.data.revision };
    case 'template-approval-revoked':
      return { table: 'dropped-label-approval', name: event.data.name, revision: event.data.revision };
    case 'render-set':
      return { table: 'render-set', number: event.data.number, seq, hash: hashOfSet(event.data) };
  }
}

function checked(seq: number, said: string, hash: string): string {
  if (said !== hash) throw new Error(`the hash in event ${seq} is not the hash of its template`);
  return hash;
}
