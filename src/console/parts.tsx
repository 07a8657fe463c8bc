import { html, raw } from 'hono/html';
import { useContext, type Child } from 'hono/jsx';
import { createHash } from 'node:crypto';
import { refusal, type ClaimstampError } from '../platform/error.ts';
import { saidIn } from '../http/problems.ts';
import type { Fields } from '../http/form.ts';
import { CSRF_FIELD } from '../http/session.ts';
import { ENDS, FACTS } from '../model/unit.ts';
import { COMMON } from '../../words/console/common.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { Shape } from './icons.tsx';
import type { PageContext } from './pages.tsx';
import { grouped } from './station-words.ts';
import { ANSWER_FIELD, FORM, FORM_FIELD, formId, problemsOf, type ShownForm } from './sent-form.ts';
import type { Say } from '../http/words.ts';

/**
 * Shows a time in the time zone of the service and the page's language. `at` is either a number of ms since 1970 or an
 * RFC 3339 text.
 */
export function Time({ page: { language }, at }: { page: Pick<PageContext, 'language'>; at: number | string }) {
  const date = new Date(at);
  const shown = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
  }).format(date);
  return <time datetime={date.toISOString()}>{shown}</time>;
}

interface FieldProps {
  label: string;
  name: string;
  value?: string | undefined;
  hint?: string | undefined;
  type?: 'text' | 'date' | 'number' | 'password' | 'file';
  required?: boolean;
  max?: number;
  /** The unit of the value, such as mm. */
  unit?: string | undefined;
  /** The name of this value in problems, if it differs from the field's name. */
  place?: string;
}

export function Field(props: FieldProps) {
  const { label, name, hint, type = 'text', required = false, max = 128, unit } = props;
  const field = fieldOf(props);
  const input = (
    <input
      id={field.id}
      name={name}
      type={type}
      step={type === 'number' ? 'any' : undefined}
      {...(type === 'password' || type === 'file' ? {} : { value: field.value })}
      maxlength={max}
      required={required}
      autocomplete="off"
      {...field.attributes}
    />
  );
  return (
    <Labelled id={field.id} label={label} hint={hint} problem={field.problem} required={required}>
      {unit === undefined ? (
        input
      ) : (
        <span class="with">
          {input}
          <span aria-hidden="true">{unit}</span>
        </span>
      )}
    </Labelled>
  );
}

/** A field for the name of a new thing. `example` is a name that fits. */
export function NameField({ page, label, example, ...more }: Omit<FieldProps, 'hint'> & NameProps) {
  return <Field {...more} label={label} hint={page.say(SET_UP, 'nameHint', { example })} required max={64} />;
}

interface NameProps {
  page: PageContext;
  example: string;
}

interface LabelledProps {
  id: string;
  label: string;
  required?: boolean;
  hint: string | undefined;
  problem: string | undefined;
  children: Child;
}

/** Shows a field's name, help text, control and problem, in this order. */
function Labelled({ id, label, hint, problem, required, children }: LabelledProps) {
  return (
    <div class="field">
      <label for={id} {...(required ? { class: 'is-required' } : {})}>
        {label}
      </label>
      {hint === undefined ? null : (
        <p class="help" id={`${id}-help`}>
          {hint}
        </p>
      )}
      {children}
      {problem === undefined ? null : (
        <p class="error" id={`${id}-error`}>
          <Shape name="stop" />
          {problem}
        </p>
      )}
    </div>
  );
}

/**
 * Returns the value and the problem of a field. A refused form keeps the entered values. The first field with a problem
 * gets the focus.
 */
function fieldOf({ name, place = name, value = '', hint }: Omit<FieldProps, 'label'>) {
  const { id: form, sent } = useContext(FORM);
  const id = `${form}-${name.replace(/[^A-Za-z0-9]+/g, '-')}`;
  const why = sent?.problems.filter((one) => one.place === place).map((one) => one.why) ?? [];
  const isFirst = why.length > 0 && sent?.shown.size === 0;
  if (why.length > 0) sent?.shown.add(place);
  const described = [...(hint === undefined ? [] : [`${id}-help`]), ...(why.length === 0 ? [] : [`${id}-error`])];
  return {
    id,
    value: sent?.fields.get(name) ?? value,
    problem: why.length === 0 ? undefined : sentence(why.join('; ')),
    attributes: {
      ...(described.length === 0 ? {} : { 'aria-describedby': described.join(' ') }),
      ...(why.length === 0 ? {} : ({ 'aria-invalid': 'true' } as const)),
      ...(isFirst ? { autofocus: true } : {}),
    },
  };
}

/**
 * Begins a sentence with a capital. The sentences of refusals begin with a small letter, because other texts quote
 * them.
 */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface ChoiceProps {
  label: string;
  name: string;
  value?: string | undefined;
  hint?: string | undefined;
  /** For each choice: its value, and the text that the page shows. */
  of: readonly (readonly [string, string])[];
  unit?: string | undefined;
  place?: string;
}

export function Choice(props: ChoiceProps) {
  const { label, name, hint, of, unit } = props;
  const field = fieldOf(props);
  return (
    <Labelled id={field.id} label={label} hint={hint} problem={field.problem}>
      <select id={field.id} name={name} {...field.attributes}>
        {of.map(([key, words]) => {
          const text = unit === undefined || key === '' ? words : `${words} ${unit}`;
          // A site may have hundreds of products, and a template string is several times as fast as a JSX element.
          return html`<option value="${key}" ${key === field.value ? raw('selected') : ''}>${text}</option>`;
        })}
      </select>
    </Labelled>
  );
}

export function statuses(say: Say): [string, string][] {
  return [['', say(COMMON, 'any')], ...[...FACTS, ...ENDS].map((fact): [string, string] => [fact, say(COMMON, fact)])];
}

interface ActProps {
  page: PageContext;
  action: string;
  into: string;
  /** The confirmation question before an action that cannot be undone. The question says what will happen. */
  ask?: string;
  /** True if the form uploads a file. */
  upload?: true;
  children: Child;
}

/**
 * A form. The answer to the form replaces the content of the element that `into` selects. If scripts are turned off,
 * the answer is a complete page. If values are refused, the form is shown again, with each problem beside the field
 * that caused it.
 */
export function Act({ page, action, into, ask, upload, children }: ActProps) {
  const id = formId(action, into);
  const shown: ShownForm = { id };
  const { sent } = page;
  if (sent?.id === id) {
    const problems = problemsOf(sent.error, page.language, sent.fields);
    shown.sent = { fields: sent.fields, problems, shown: new Set() };
  }
  return (
    <FORM.Provider value={shown}>
      <form
        id={id}
        class="act"
        method="post"
        action={action}
        hx-post={action}
        hx-target={`#${into}`}
        hx-disabled-elt="find button"
        {...(ask === undefined ? {} : { 'hx-confirm': ask })}
        {...(upload ? { enctype: 'multipart/form-data', 'hx-encoding': 'multipart/form-data' } : {})}
      >
        <input type="hidden" name={CSRF_FIELD} value={page.csrf} />
        <input type="hidden" name={FORM_FIELD} value={id} />
        <input type="hidden" name={ANSWER_FIELD} value={into} />
        {children}
        {sent?.id === id ? <NotSaved page={page} form={shown} error={sent.error} /> : null}
      </form>
    </FORM.Provider>
  );
}

/** The place where the answer to a form is shown. */
export function AnswerPlace({ page: { answered }, id }: { page: PageContext; id: string }) {
  return <div id={id}>{answered?.into === id ? answered.part : null}</div>;
}

/** Shows the refusal at the end of a form. Problems that are shown beside fields are only counted here. */
function NotSaved({ page, form: { sent }, error }: { page: PageContext; form: ShownForm; error: ClaimstampError }) {
  const shown = sent?.shown ?? new Set<string>();
  const rest = sent?.problems.filter(({ place }) => place === undefined || !shown.has(place)) ?? [];
  const { detail, lang } = saidIn(error, page.language);
  const count = sent?.problems.length ?? 0;
  return (
    <div class="refused" role="alert">
      {shown.size === 0 ? null : (
        <p>{page.say(COMMON, shown.size === 1 ? 'fixOne' : 'fixMany', { count: shown.size })}</p>
      )}
      {count === 0 ? <p lang={lang}>{sentence(detail)}</p> : null}
      {rest.map(({ place, why }) => (
        <p>{place === undefined ? sentence(why) : `${place}: ${why}`}</p>
      ))}
    </div>
  );
}

/** Returns the parameters in the page's address that are not empty. */
export function asked({ c }: PageContext, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = c.req.query(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** Makes the browser reload the page. The reloaded page shows the result of the action. */
export function refresh({ c }: PageContext): void {
  c.header('hx-refresh', 'true');
}

/**
 * Returns a fingerprint of the settings that a form shows. If the settings have changed by the time the form is sent,
 * the form is refused.
 */
export function stampOf(settings: object | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify(settings ?? {}))
    .digest('hex')
    .slice(0, 16);
}

export function refuseStale(fields: Fields, now: object | undefined): void {
  if (fields.get('stamp') !== stampOf(now)) throw refusal('page-stale', 'reload');
}

/** Returns the fields of a form that have been filled in. */
export function filled(fields: Fields, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields.get(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** A link to a form for a new object. The form is filled with the settings of this object. */
export function Duplicate({ page: { say }, address }: { page: PageContext; address: string }) {
  return (
    <a class="btn" href={address}>
      {say(SET_UP, 'duplicate')}
    </a>
  );
}

export function InFile({ page: { say } }: { page: PageContext }) {
  return <p class="soft">{say(COMMON, 'inFile')}</p>;
}

/** Text that people copy to another place. desk.js shows the button, because copying needs a script. */
export function Copyable({ page: { say }, text, focus }: { page: PageContext; text: string; focus?: true }) {
  return (
    <div class="copyable">
      <pre tabindex={0} {...(focus ? { autofocus: true } : {})}>
        {text}
      </pre>
      <button type="button" class="btn" data-copy={say(COMMON, 'copied')} hidden>
        {say(COMMON, 'copy')}
      </button>
    </div>
  );
}

export function Secret({ page, name, text }: { page: PageContext; name: string; text: string }) {
  const { say } = page;
  return (
    <section class="secret" role="status">
      <h3>{name}</h3>
      <Copyable page={page} text={text} focus />
      <p>{say(COMMON, 'shownOnce')}</p>
    </section>
  );
}

/** The first cell of a unit's row in a table. */
export function UnitHead({ uci }: { uci: string }) {
  return (
    <th scope="row">
      <a class="row" href={path('units', uci)}>
        <code>{grouped(uci)}</code>
      </a>
    </th>
  );
}

/** A column's header and, if the list is sorted by this column, the direction. */
export type ColumnHead =
  | string
  | {
      words: Child;
      sort?: 'ascending' | 'descending' | undefined;
      /** True if the column has numbers, which are right-aligned. */ isNumber?: boolean;
    };

interface TableProps {
  caption: string;
  heads: readonly ColumnHead[];
  children: Child;
}

/** A table that scrolls on its own on narrow screens. `caption` is the name of the table for screen readers. */
export function Table({ caption, heads, children }: TableProps) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={caption}>
      <table class="table">
        <thead>
          <tr>
            {heads.map((head) =>
              typeof head === 'string' ? (
                <th scope="col">{head}</th>
              ) : (
                <th scope="col" aria-sort={head.sort} class={head.isNumber ? 'is-number' : undefined}>
                  {head.words}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function path(...parts: string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
