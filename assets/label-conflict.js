// Someone else saved a revision while this person edited: shows what changed, and keeps both.
import { merge } from './label-merge.js';

export function openConflict(editor, name) {
  const { say } = editor;
  // A refused form is replaced, with the panel in it.
  const shown = () => document.getElementById('changed');
  const base = () => document.getElementById('base-revision');
  const ask = async (what, query) => {
    const answer = await fetch(`/v1/label-templates/${encodeURIComponent(name)}/${what}?${new URLSearchParams(query)}`);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  /** Reads what was saved since the revision that this page is based on. */
  const show = async () => {
    const [newest] = (await ask('revisions', { limit: 1 })).revisions;
    if (newest === undefined || String(newest.revision) === base().value) return;
    const [before, theirs] = await Promise.all(
      [base().value, newest.revision].map((revision) => ask('source', { revision })),
    );
    draw(newest, theirs.source, merge(before.source, theirs.source, editor.state.text));
  };

  const draw = (newest, theirs, merged) => {
    const by = newest.by.replace(/^person:/, '');
    const lines = [paragraph('changedBy', { by, revision: newest.revision })];
    if (newest.note !== undefined) lines.push(paragraph('theirNote', { note: newest.note }));
    if (merged?.changes.length === 0) lines.push(paragraph('noDifference'));
    else if (merged !== undefined) {
      const head = document.createElement('h3');
      head.textContent = say('theirs', { by });
      const list = document.createElement('ul');
      for (const change of merged.changes) {
        const item = document.createElement('li');
        item.textContent = wordsOf(change, by);
        list.append(item);
      }
      lines.push(head, list);
    }
    const { revision } = newest;
    if (merged !== undefined) lines.push(choice('keepBoth', () => take(merged.text, 'keptBoth', revision), true));
    lines.push(choice('takeTheirs', () => take(theirs, 'tookTheirs', revision)));
    const panel = shown();
    panel.replaceChildren(...lines);
    panel.className = 'card changed';
    panel.tabIndex = -1;
    panel.focus();
    document.getElementById('saved').replaceChildren();
  };

  const paragraph = (key, values) => {
    const made = document.createElement('p');
    made.textContent = say(key, values);
    return made;
  };

  const wordsOf = ({ box, property, what, theirs, mine, isMine }, by) => {
    const part = box === undefined ? say('label') : box.name || [say(box.type), box.text].filter(Boolean).join(' ');
    if (what !== undefined) return `${part}: ${say(what, { by })}`;
    const shown = (value) => (value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value));
    const both = isMine ? ` (${say('mineToo', { mine: shown(mine) })})` : '';
    return `${part}, ${property}: ${shown(theirs)}${both}`;
  };

  const choice = (key, act, isFirst = false) => {
    const row = document.createElement('p');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = isFirst ? 'btn btn-primary' : 'btn';
    button.textContent = say(key);
    button.addEventListener('click', act);
    row.append(button, ' ', say(`${key}Hint`));
    return row;
  };

  const take = (text, words, revision) => {
    base().value = String(revision);
    editor.replace(text);
    shown().replaceChildren(paragraph(words, { revision }));
    shown().focus();
  };

  return {
    show: () => void show().catch(() => editor.note(say('unreachable'))),
    clear() {
      shown().replaceChildren();
      shown().removeAttribute('class');
    },
  };
}
