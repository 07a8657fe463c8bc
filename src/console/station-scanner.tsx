import { qrPicture } from './qr-picture.ts';
import { findScanner, SYMBOLOGIES, TEST_CODE, type ScannerFound } from '../model/scan/scanner-test.ts';
import { own } from '../platform/own.ts';
import { SCANNER } from '../../words/console/scanner.ts';
import { stationsAt } from './station-nests.ts';
import { classesOf, SubPageTop } from './station-screen.tsx';
import type { Pages, PageContext } from './pages.tsx';

/** The pages for testing a station's scanner and sounds. The result is saved as a setting of the station. */
export function scannerPages(pages: Pages): void {
  const { ledger } = pages.services;
  pages.page('/stations/:name/scanner', 'stations:operate', async (page) => {
    const [station] = await stationsAt(ledger, page.param('name'));
    const code = await qrPicture(TEST_CODE, 5);
    return {
      title: page.say(SCANNER, 'title'),
      body: <Test page={page} code={code} kept={station?.scanner} />,
      scripts: ['scanner-test.js'],
      screen: { ...classesOf(station ?? {}, []), body: 'station scanner' },
    };
  });
  pages.act('/stations/:name/scanner', 'stations:operate', async (page, fields) => {
    const found = findScanner(fields.get('sent') ?? '');
    return <Found page={page} found={found} suffix={fields.get('suffix') ?? ''} gap={Number(fields.get('gap'))} />;
  });
  pages.act('/stations/:name/scanner/keep', 'stations:operate', async (page, fields) => {
    const params = { name: page.param('name') };
    await page.call('PUT /v1/stations/{name}/scanner', { params, body: { result: fields.get('result') ?? '' } });
    return <p>{page.say(SCANNER, 'kept')}</p>;
  });
}

function Test({ page, code, kept }: { page: PageContext; code: string; kept: string | undefined }) {
  const { say, csrf } = page;
  const here = `/stations/${page.param('name')}`;
  return (
    <div id="scanner-test" data-here={here} data-csrf={csrf}>
      <SubPageTop page={page} title={say(SCANNER, 'title')} />
      <main id="content">
        <div>
          <h2>{say(SCANNER, 'scanThis')}</h2>
          <img src={code} alt={TEST_CODE} width="200" height="200" />
          <h2>{say(SCANNER, 'listen')}</h2>
          <p class="row">
            {(['pass', 'fail', 'both'] as const).map((kind) => (
              <button class="btn" type="button" data-sound={kind}>
                {say(SCANNER, `sound.${kind}`)}
              </button>
            ))}
          </p>
        </div>
        <div>
          <h2>{say(SCANNER, 'arrived')}</h2>
          <p id="keys" aria-live="off"></p>
          <div id="found" role="status"></div>
          <div id="kept" role="status">
            {kept === undefined ? null : <p class="soft">{say(SCANNER, 'last', { result: kept })}</p>}
          </div>
        </div>
      </main>
    </div>
  );
}

interface FoundProps {
  page: PageContext;
  found: ScannerFound;
  suffix: string;
  gap: number;
}

function Found({ page: { say }, found, suffix, gap }: FoundProps) {
  const { letters, prefix, tail, symbology } = found;
  const none = say(SCANNER, 'none');
  const rows: [keyof typeof SCANNER.en, string][] = [
    ['letters', say(SCANNER, letters)],
    ['prefix', prefix || none],
    ['suffix', [tail, suffix].filter(Boolean).join(' ') || none],
    [
      'symbology',
      symbology === undefined ? say(SCANNER, 'notSent') : (own(SYMBOLOGIES, symbology.charAt(0)) ?? `]${symbology}`),
    ],
    ['speed', say(SCANNER, 'gap', { gap })],
  ];
  const result = rows.map(([name, value]) => `${say(SCANNER, name)}: ${value}`).join(', ');
  return (
    <>
      <dl>
        {rows.map(([name, value]) => (
          <div>
            <dt>{say(SCANNER, name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <button class="btn btn-primary" type="button" data-keep={result}>
        {say(SCANNER, 'keep')}
      </button>
    </>
  );
}
