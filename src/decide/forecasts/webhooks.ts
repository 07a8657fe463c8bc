import type { Forecast, WebhookFact } from './forecast.ts';

const HOUR_MS = 60 * 60 * 1000;

/** The restart of a receiver takes minutes, so a shorter failure is normal. */
const LONG_FAILURE_MS = 15 * 60 * 1000;

export function webhookForecast({ name, waiting, failingMs, result, paused }: WebhookFact): Forecast | undefined {
  const about = { code: 'webhook', subject: name, remaining: waiting } as const;
  const values = { webhook: name, waiting };
  if (paused === 'person') return { ...about, level: 'notice', says: 'webhook.person', values };
  if (paused !== undefined) return { ...about, level: 'critical', says: `webhook.${paused}`, values };
  if (failingMs === undefined || failingMs < LONG_FAILURE_MS) return undefined;
  const hours = (failingMs / HOUR_MS).toFixed(1);
  return { ...about, level: 'warning', says: 'webhook', values: { ...values, hours, result: result ?? '' } };
}
