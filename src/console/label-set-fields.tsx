import type { Fields } from '../http/form.ts';
import { inLanguage, phrase } from '../platform/refusal-words.ts';
import { Shape } from './icons.tsx';
import { DEVICE, isInside, labelSetOf, type LabelSettings, type ProductLabel } from '../model/labels/label-set.ts';
import { LABEL_SET_WORDS } from '../../words/console/label-set.ts';
import { Choice, Field } from './parts.tsx';
import type { PageContext } from './pages.tsx';
import { roleWord } from './verdict-words.ts';

/* The fields for the labels of a product. */

const FLAGS = ['required', 'secret', 'release'] as const;

interface Props {
  page: PageContext;
  of: { label?: string | undefined; labels?: { [role: string]: LabelSettings } | undefined } | undefined;
  templates: string[];
}

export function LabelSetFields({ page, of = {}, templates }: Props) {
  const { say } = page;
  return (
    <fieldset class="group">
      <legend>{say(LABEL_SET_WORDS, 'title')}</legend>
      <p class="soft">{say(LABEL_SET_WORDS, 'hint')}</p>
      {labelSetOf(of).map((label, at) => (
        <details open={at > 0}>
          <summary>{roleWord(say, label.role)}</summary>
          <input type="hidden" name={`labels.${at}.role`} value={label.role} />
          <LabelFields page={page} label={label} at={at} templates={templates} />
        </details>
      ))}
      <NewLabel page={page} at={labelSetOf(of).length} templates={templates} />
    </fieldset>
  );
}

/**
 * Warns of each label that shows a secret, unless the role of the label or of its template says that the label is on
 * the device or inside the box.
 */
export async function OutsideWarnings({ page, of }: { page: PageContext; of: NonNullable<Props['of']> }) {
  const unsure = labelSetOf(of).filter(
    ({ role, secret, template }) => secret && !isInside(role) && template !== undefined,
  );
  const warnings = [];
  for (const { role, template = '' } of unsure) {
    const check = await page.call('GET /v1/label-templates/{name}', { params: { name: template } });
    if (!isInside(check.role ?? ''))
      warnings.push(inLanguage(phrase('secret-outside', { role, template }), page.language));
  }
  return (
    <>
      {warnings.map((warning) => (
        <p class="state">
          <Shape name="warn" /> {warning}
        </p>
      ))}
    </>
  );
}

function NewLabel({ page, at, templates }: { page: PageContext; at: number; templates: string[] }) {
  const { say } = page;
  const label = { role: '', template: undefined, copies: 1, required: true, secret: false, release: false };
  return (
    <details>
      <summary>{say(LABEL_SET_WORDS, 'newRole')}</summary>
      <Field label={say(LABEL_SET_WORDS, 'role')} name={`labels.${at}.role`} max={12} />
      <LabelFields page={page} label={label} at={at} templates={templates} />
    </details>
  );
}

interface LabelProps {
  page: PageContext;
  label: ProductLabel;
  at: number;
  templates: string[];
}

function LabelFields({ page: { say }, label, at, templates }: LabelProps) {
  const none: [string, string] = ['', say(LABEL_SET_WORDS, 'removed')];
  const named = templates.map((one): [string, string] => [one, one]);
  const yesNo = (['yes', 'no'] as const).map((one): [string, string] => [one, say(LABEL_SET_WORDS, one)]);
  return (
    <>
      {label.role === DEVICE ? null : (
        <Choice
          label={say(LABEL_SET_WORDS, 'template')}
          name={`labels.${at}.template`}
          value={label.template}
          of={[none, ...named]}
        />
      )}
      <Field
        label={say(LABEL_SET_WORDS, 'copies')}
        name={`labels.${at}.copies`}
        type="number"
        value={String(label.copies)}
      />
      {FLAGS.map((flag) => (
        <Choice
          label={say(LABEL_SET_WORDS, flag)}
          name={`labels.${at}.${flag}`}
          value={label[flag] ? 'yes' : 'no'}
          of={yesNo}
        />
      ))}
    </>
  );
}

/**
 * Returns the change that the label fields in a form describe. If a setting has its default value, the change removes
 * it.
 */
export function labelSetIn(fields: Fields) {
  const labels = new Map<string, { [setting: string]: unknown } | null>();
  for (let at = 0; fields.has(`labels.${at}.role`); at++) {
    const sent = (setting: string): string => fields.get(`labels.${at}.${setting}`)?.trim() ?? '';
    const role = sent('role');
    const isDevice = role === DEVICE;
    if (role === '') continue;
    const usual = { required: true, secret: isDevice, release: isDevice };
    const flags = FLAGS.map((flag) => {
      const value = sent(flag) === 'yes';
      return [flag, value === usual[flag] ? null : value];
    });
    const copies = sent('copies');
    const settings = {
      ...(isDevice ? {} : { template: sent('template') }),
      copies: copies === '' || copies === '1' ? null : Number(copies),
      ...Object.fromEntries(flags),
    };
    labels.set(role, !isDevice && sent('template') === '' ? null : settings);
  }
  return Object.fromEntries(labels);
}
