import { IN_CONSOLE, type Config } from '../config.ts';
import type { ConsoleSettings } from '../contract/site-settings.ts';
import { COMMON } from '../../words/console/common.ts';
import { HEALTH } from '../../words/console/health.ts';
import { Act, Field, filled, refresh } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

/* The name and the code of the site, which an admin can set in the console, without a restart. */

type Name = keyof ConsoleSettings;

/** True if this setting does not come from the environment or from a file. */
export function isSetHere({ sources = {}, ledger }: Config, name: Name): boolean {
  const source = sources[name] ?? 'default';
  return ledger === undefined && (source === 'default' || source === IN_CONSOLE);
}

export function siteForms(pages: Pages): void {
  pages.act('/settings/site', 'catalog:write', async (page, fields) => {
    const { siteName, site } = filled(fields, ['siteName', 'site']);
    const set = (name: Name, value: string | undefined) => (fields.has(name) ? { [name]: value ?? null } : {});
    await page.call('PATCH /v1/settings', { body: { ...set('siteName', siteName), ...set('site', site) } });
    refresh(page);
    return <p class="good">{page.say(COMMON, 'done')}</p>;
  });
}

/** A form with one of the two settings. */
export function SiteForm({ page, config, name }: { page: PageContext; config: Config; name: Name }) {
  const { say } = page;
  return (
    <Act page={page} action="/settings/site" into={`set-${name}`}>
      <Field
        name={name}
        label={say(HEALTH, `${name}Label`)}
        hint={say(HEALTH, `${name}Hint`)}
        max={name === 'site' ? 2 : 60}
        {...(config[name] === undefined ? {} : { value: config[name] })}
      />
      <button>{say(COMMON, 'save')}</button>
      <div id={`set-${name}`}></div>
    </Act>
  );
}
