import type { Child } from 'hono/jsx';
import { keysOf } from '../platform/own.ts';
import { ENDS, FACTS } from '../model/unit.ts';
import type { Figures, NowFigures, Way } from '../model/figures.ts';
import { Icon, ICONS, Shape, SHAPES } from './icons.tsx';
import { Act, Choice, Field, InFile, Secret, Table, Time } from './parts.tsx';
import { Card, Meter, Spark } from './pictures.tsx';
import { Funnel, Parts } from './reconciliation.tsx';
import { FORM } from './sent-form.ts';
import { Status } from './unit-status.tsx';
import type { Pages, PageContext } from './pages.tsx';

/*
 * Shows all parts of the console in each of their states, for developers (docs/architecture.md). The page exists only
 * if NODE_ENV is `development`, so its texts are not translated.
 */
export function galleryPage(pages: Pages): void {
  pages.page('/gallery', 'catalog:read', async (page) => ({
    title: 'Parts of the console',
    crumbs: [['/', 'Start']],
    body: <Gallery page={page} />,
  }));
  pages.act('/gallery', 'catalog:read', async () => <p class="good">Done</p>);
}

function Gallery({ page }: { page: PageContext }) {
  return (
    <>
      <div class="page-head">
        <div>
          <h1>
            Parts of the console{' '}
            <span class="status pill is-warn">
              <Shape name="warn" />
              waits
            </span>
          </h1>
          <p class="under">Each component in each of its states</p>
        </div>
        <div class="row">
          <button class="btn">Plain</button>
          <button class="btn btn-primary">Primary</button>
        </div>
      </div>
      <Words />
      <Actions />
      <Fields page={page} />
      <States page={page} />
      <Lists page={page} />
      <Pictures page={page} />
    </>
  );
}

function Words() {
  return (
    <section>
      <h2>Words</h2>
      <p class="lead">
        The first line answers the question: <b>four units</b> have no label.
      </p>
      <p>
        Text with a <a href="#words">link</a>, a <code>code</code>, a <kbd>/</kbd> and a <mark>found part</mark>.
      </p>
      <p class="soft">Soft text, for hints.</p>
      <p class="good">Good news.</p>
      <p class="bad">Bad news.</p>
      <p class="refused">A refusal: what is wrong, where, and what to do.</p>
      <p class="strip">A strip that waits.</p>
      <p class="strip is-stop">A strip that stops.</p>
      <h3>A third heading</h3>
    </section>
  );
}

function Actions() {
  return (
    <section>
      <h2>Actions</h2>
      <div class="row">
        <button class="btn btn-primary">Primary</button>
        <button class="btn">Plain</button>
        <button class="btn btn-danger">Danger</button>
        <button class="btn" aria-busy="true">
          <Icon name="again" />
          <span>Busy</span>
        </button>
        <button>Without a class</button>
        <button class="danger">Danger without a class</button>
        <a class="btn is-brief" href="#words">
          <Icon name="download" />
          <span>Brief on phones</span>
        </a>
        <a class="go" href="#words">
          Go on <Icon name="go" />
        </a>
      </div>
    </section>
  );
}

const KINDS = [
  ['one', 'One kind'],
  ['other', 'Another kind'],
] as const;

function Fields({ page }: { page: PageContext }) {
  const problems = [
    { place: 'wrong', why: 'must be 1 to 8 letters or digits' },
    { place: 'wrongChoice', why: 'must be one of raw9100, ipp' },
    { place: 'wrongUnit', why: 'must be 1 or more' },
  ];
  const sent = { fields: new Map([['wrong', 'much too long']]), problems, shown: new Set<string>(['seen']) };
  return (
    <section>
      <h2>Fields</h2>
      <Act page={page} action="/gallery" into="gallery-act">
        <fieldset class="group">
          <legend>A group</legend>
          <Field label="Text" name="text" value="Thermostat" />
          <Field label="Text with help" name="helped" hint="The name that people use. The label shows it." />
          <Field label="Number with its unit" name="number" type="number" value="203" unit="dpi" />
          <Field label="Day" name="day" type="date" value="2026-11-25" />
          <Field label="Password" name="password" type="password" />
          <Field label="File" name="file" type="file" />
          <Choice label="Choice" name="kind" of={KINDS} />
          <div data-when="kind" data-is="one">
            <Field label="Only for one kind" name="only" />
          </div>
          <FORM.Provider value={{ id: 'gallery-wrong', sent }}>
            <Field label="Wrong text" name="wrong" hint="Up to 8 letters or digits" />
            <Field label="Wrong number" name="wrongUnit" type="number" unit="mm" />
            <Choice label="Wrong choice" name="wrongChoice" of={KINDS} />
          </FORM.Provider>
        </fieldset>
        <InFile page={page} />
        <button class="btn btn-primary">Save</button>
      </Act>
      <div id="gallery-act"></div>
      <Act page={page} action="/gallery" into="gallery-asked" ask="Void this unit? Its Claim ID is never used again.">
        <button class="danger">Ask once</button>
      </Act>
      <div id="gallery-asked"></div>
      <Secret page={page} name="A secret that is shown once" text="csk_0123456789" />
    </section>
  );
}

function States({ page }: { page: PageContext }) {
  return (
    <section>
      <h2>States</h2>
      <p class="row">
        {[...FACTS, ...ENDS].map((status) => (
          <Status page={page} status={status} />
        ))}
      </p>
      <p class="row">
        {(['is-good', 'is-warn', 'is-bad'] as const).map((kind) => (
          <span class={`status pill ${kind}`}>
            <Shape name={kind === 'is-good' ? 'good' : kind === 'is-warn' ? 'warn' : 'stop'} />
            {kind}
          </span>
        ))}
      </p>
      <ul class="chips">
        <li class="chip">
          Product<b>Thermostat</b>
          <a href="#words" aria-label="Without the filter Product">
            <Icon name="cross" />
          </a>
        </li>
      </ul>
      <p class="row">
        {keysOf(SHAPES).map((name) => (
          <span class="status">
            <Shape name={name} />
            {name}
          </span>
        ))}
      </p>
      <p class="row">
        {keysOf(ICONS).map((name) => (
          <span class="status">
            <Icon name={name} />
            {name}
          </span>
        ))}
      </p>
      <label class="progress">
        600 of 1,100
        <progress max={1100} value={600}></progress>
      </label>
      <label class="progress">
        Of unknown length
        <progress></progress>
      </label>
    </section>
  );
}

/** A list without entries, with one entry, and with many. */
function Lists({ page }: { page: PageContext }) {
  const rows = (count: number): Child =>
    Array.from({ length: count }, (_, at) => (
      <tr>
        <th scope="row">
          <a href="#words">WO-{1000 + at}</a>
        </th>
        <td>Thermostat TH-2</td>
        <td>
          <Time page={page} at={Date.UTC(2026, 10, 25, 8, at)} />
        </td>
      </tr>
    ));
  return (
    <section>
      <h2>Cards and lists</h2>
      <div class="two">
        <Card title="Nothing yet" note={<p>What would be here</p>}>
          <div class="blank">
            <Icon name="find" />
            <p>No work order yet. Add one here.</p>
          </div>
        </Card>
        <Card title="Facts">
          <dl class="facts card-body">
            <dt>Product</dt>
            <dd>Thermostat TH-2</dd>
            <dt>Claim ID</dt>
            <dd>
              <a class="cid" href="#words">
                JT08F FQXWQ
              </a>
            </dd>
          </dl>
        </Card>
      </div>
      {[1, 12].map((count) => (
        <Table caption={`${count} work orders`} heads={['Work order', 'Product', 'Opened']}>
          {rows(count)}
        </Table>
      ))}
    </section>
  );
}

const figuresOf = (issued: number, lost: number): Figures => ({
  issued,
  parts: { void: lost, scrapped: lost, released: issued - 3 * lost, unaccounted: lost },
  facts: { printed: issued, verified: issued - lost, reported: 0, registered: issued - 2 * lost },
  labels: { units: issued, copies: issued + lost, reprints: [], failed: 0, unknown: 0 },
});

const nowOf = ({ parts, ...figures }: Figures): NowFigures => ({
  ...figures,
  parts: { ...parts, returned: 0 },
  back: { void: 0, scrapped: 0, released: 0, returned: 0 },
});

const wayOf = ({ issued, facts: { verified, registered } }: Figures): Way => ({
  issued,
  labelled: issued,
  verified,
  registered,
  lost: { labelled: 0, verified: issued - verified, registered: verified - registered },
  gained: { labelled: 0, verified: 0, registered: 0 },
});

function Pictures({ page }: { page: PageContext }) {
  const bars = Array.from({ length: 30 }, (_, slice) => ({ slice, passed: (slice * 7) % 11, failed: slice % 5 }));
  return (
    <section>
      <h2>Pictures of numbers</h2>
      <Spark name="Passed and failed" bars={bars} slices={48} most={10} now={29} />
      <Meter name="600 of 1,000 units" parts={[{ kind: 'good', count: 600 }]} of={1000} />
      {[figuresOf(0, 0), figuresOf(1, 0), figuresOf(1_000_000, 12)].map((figures) => (
        <>
          <Parts page={page} figures={nowOf(figures)} listOf={() => '#words'} />
          <Funnel page={page} way={wayOf(figures)} lostAt={() => '#words'} />
        </>
      ))}
    </section>
  );
}
