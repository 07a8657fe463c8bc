import type { ErpFilesFact, Forecast } from './forecast.ts';

const HOUR_MS = 60 * 60 * 1000;

/** A network share may be unavailable for a moment, for example while its server restarts. */
const SHORT_MS = 2 * 60 * 1000;

/** Most ERPs take files at least once a night. */
const UNREAD_MS = 24 * HOUR_MS;

/** Makes the forecasts about the files that are exchanged with an ERP. */
export function erpFilesForecasts({
  trouble,
  file,
  failed,
  stuck,
  unread,
  unreadMs,
  isFull,
}: ErpFilesFact): Forecast[] {
  const found: Forecast[] = [];
  const add = (subject: 'folder' | 'failed' | 'inbox' | 'outbox', level: Forecast['level'], remaining: number): void =>
    void found.push({
      code: 'erp-files',
      subject,
      level,
      remaining,
      says: `erp-files.${subject}`,
      values: { count: remaining, why: trouble?.why ?? '' },
    });
  const addFile = ({ name, why, isHandled, count }: NonNullable<ErpFilesFact['file']>): void =>
    void found.push({
      code: 'erp-files',
      subject: 'file',
      level: 'warning',
      remaining: count,
      says: isHandled ? 'erp-files.unmoved' : 'erp-files.unreadable',
      values: { count, file: name, why },
    });
  if (trouble !== undefined && trouble.forMs >= SHORT_MS)
    add('folder', trouble.forMs >= HOUR_MS ? 'critical' : 'warning', 0);
  if (file !== undefined && file.forMs >= SHORT_MS) addFile(file);
  if (failed > 0) add('failed', 'warning', failed);
  if (stuck > 0) add('inbox', 'warning', stuck);
  if (isFull || unreadMs > UNREAD_MS) add('outbox', isFull ? 'critical' : 'warning', unread);
  return found;
}
