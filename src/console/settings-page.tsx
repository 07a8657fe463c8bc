import { IN_CONSOLE } from '../config.ts';
import type { Answer } from '../http/client.ts';
import { isKey } from '../platform/own.ts';
import { HEALTH } from '../../words/console/health.ts';
import { SupportLink } from './health-page.tsx';
import { HowToSet } from './how-to-set.tsx';
import { isSetHere, SiteForm, siteForms } from './site-form.tsx';
import { Shape } from './icons.tsx';
import { Card } from './pictures.tsx';
import type { Pages, PageContext } from './pages.tsx';
import { SERVICE_HELP } from './service-setting-words.ts';

const SITE_NAMES = ['siteName', 'site'] as const;

type Setting = Answer<'GET /v1/settings'>['settings'][number];

/**
 * The settings page. The page shows each setting of the service, its value, and where the value comes from. Settings
 * can be changed only in the environment or in the settings file.
 */
export function settingsPage(pages: Pages): void {
  siteForms(pages);
  pages.page('/settings', 'settings:read', async (page) => {
    const { settings, file } = await page.call('GET /v1/settings');
    const changed = settings.filter(({ source }) => source !== 'default');
    const { say, who } = page;
    const { config } = pages.services;
    const here = who.may.has('catalog:write') ? SITE_NAMES.filter((name) => isSetHere(config, name)) : [];
    return {
      title: say(HEALTH, 'settings'),
      body: (
        <>
          <div class="page-head">
            <div>
              <h1>{say(HEALTH, 'settings')}</h1>
              <p class="under">
                {say(HEALTH, 'howTo')} {file === undefined ? say(HEALTH, 'noFile') : say(HEALTH, 'file', { file })}
              </p>
            </div>
            <SupportLink page={page} />
          </div>
          <div class="column">
            {here.length === 0 ? null : (
              <Card title={say(HEALTH, 'set.here')}>
                <div class="card-body">
                  {here.map((name) => (
                    <SiteForm page={page} config={config} name={name} />
                  ))}
                </div>
              </Card>
            )}
            <Card title={say(HEALTH, 'set.example')}>
              <div class="card-body">
                <HowToSet page={page} config={config} given={[['badgeIdle', '60']]} />
              </div>
            </Card>
            <Card title={say(HEALTH, 'changed')}>
              {changed.length === 0 ? (
                <p class="card-body soft">{say(HEALTH, 'nothingSet')}</p>
              ) : (
                <Settings page={page} settings={changed} />
              )}
            </Card>
            <Card title={say(HEALTH, 'defaults')}>
              <Settings page={page} settings={settings.filter(({ source }) => source === 'default')} />
            </Card>
          </div>
        </>
      ),
    };
  });
}

function Settings({ page: { say, language }, settings }: { page: PageContext; settings: Setting[] }) {
  return (
    <table class="table folds settings" role="table">
      <thead>
        <tr>
          {(['setting', 'value', 'source', 'meaning'] as const).map((head) => (
            <th scope="col">{say(HEALTH, head)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {settings.map((setting) => (
          <tr id={setting.name}>
            <th scope="row" class="is-line">
              <code>{setting.variable}</code>
              <small>{setting.name}</small>
            </th>
            <td class="is-line">
              <Value say={say} setting={setting} />
            </td>
            <td class="is-line">
              <small>
                <Source say={say} source={setting.source} />
              </small>
            </td>
            <td class="is-line">{helpIn(language, setting)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type Say = PageContext['say'];

/**
 * The number of characters in a value. Longer values are shown only on request, so that no row is taller than the
 * screen.
 */
const LONG_VALUE = 160;

function Value({ say, setting: { value, set, secret, without } }: { say: Say; setting: Setting }) {
  if (value !== undefined && value.length > LONG_VALUE)
    return (
      <details>
        <summary>{say(HEALTH, 'entries', { count: value.split(', ').length })}</summary>
        <code>{value}</code>
      </details>
    );
  if (value !== undefined) return <code>{value}</code>;
  if (secret && set)
    return (
      <>
        <Shape name="good" /> {say(HEALTH, 'isSet')}
      </>
    );
  return (
    <span class="soft">
      {say(HEALTH, 'notSet')}
      {without === undefined ? null : <small lang="en">{without}</small>}
    </span>
  );
}

/** Says where the setting comes from. Omits the variable's name, because the row already shows it. */
function Source({ say, source }: { say: Say; source: string }) {
  if (source === 'default') return <>{say(HEALTH, 'source.default')}</>;
  if (source === IN_CONSOLE) return <>{say(HEALTH, 'source.console')}</>;
  if (source.startsWith('environment ')) return <>{say(HEALTH, 'source.environment')}</>;
  return <>{say(HEALTH, 'file', { file: source.replace(/^file /, '') })}</>;
}

function helpIn(language: PageContext['language'], { name, help }: Setting): string {
  if (language === 'en' || !isKey(SERVICE_HELP, name)) return help;
  return SERVICE_HELP[name][language === 'es' ? 0 : 1];
}
