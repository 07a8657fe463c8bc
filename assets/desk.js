// What all pages of the desk share: `/` leads to the search, Esc leads back, an open menu closes, and an act that cannot
// be undone is asked about once.
const find = document.getElementById('find');
const typing = (target) =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

document.addEventListener('keydown', (event) => {
  if (
    event.key === '/' &&
    find !== null &&
    !typing(event.target) &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey
  ) {
    event.preventDefault();
    find.focus();
    find.select();
  }
  if (event.key !== 'Escape') return;
  if (event.target === find) find.blur();
  for (const open of document.querySelectorAll('details.drop[open]')) {
    open.open = false;
    if (open.contains(event.target)) open.querySelector('summary').focus();
  }
});

document.addEventListener('click', ({ target }) => {
  for (const open of document.querySelectorAll('details.drop[open]')) if (!open.contains(target)) open.open = false;
});

// Fields that are used only for some values of another field. Hidden fields are not sent, and decide nothing.
const fit = () => {
  for (const part of document.querySelectorAll('[data-when]')) {
    const decides = part.closest('form')?.elements.namedItem(part.dataset.when);
    if (!decides) continue;
    part.hidden = !decides.disabled && !part.dataset.is.split(' ').includes(decides.value);
    for (const field of part.querySelectorAll('input, select, textarea'))
      field.disabled = field.closest('[data-when][hidden]') !== null;
  }
  for (const group of document.querySelectorAll('fieldset.group:has(> [data-when])'))
    group.hidden = group.querySelector(':scope > :not(legend, [hidden])') === null;
};
document.addEventListener('change', fit);
document.addEventListener('htmx:afterSwap', fit);
fit();

const ask = document.getElementById('ask');

document.addEventListener('htmx:confirm', (event) => {
  const { elt, question, issueRequest } = event.detail;
  if (approved.delete(elt) && question) {
    event.preventDefault();
    issueRequest(true);
    return;
  }
  if (!question || ask === null) return;
  event.preventDefault();
  ask.querySelector('h2').textContent = question;
  ask.returnValue = 'no';
  ask.addEventListener('close', () => ask.returnValue === 'yes' && issueRequest(true), { once: true });
  ask.showModal();
});

/* Forms. The console's own forms have the class `act`; htmx sends them. */

// The answer to a form replaces what the form said about an earlier attempt.
document.addEventListener('htmx:beforeSwap', ({ detail: { requestConfig } }) => {
  const form = requestConfig?.elt;
  if (!form?.matches?.('form.act')) return;
  for (const said of form.querySelectorAll('.field > .error, :scope > .refused')) said.remove();
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
});

// The browser asks before a page with unsaved values is left.
const unsaved = new Set();
document.addEventListener('input', ({ target }) => {
  const form = target.closest('form.act');
  // A form with nothing but one choice, such as the printer of a test label, has no values that could be lost.
  if (form?.querySelector('.field input, .field textarea')) unsaved.add(form);
});
window.addEventListener('beforeunload', (event) => {
  const isUnsaved = [...unsaved].some((form) => form.isConnected);
  if (isUnsaved || document.querySelector('form.act [aria-invalid]') !== null) event.preventDefault();
});

// If the session has ended, or the password must be typed elsewhere, the browser comes back to this page. Until then,
// this tab keeps the typed values. Passwords and files are not kept.
const KEPT = `kept ${location.pathname}${location.search}`;
const kept = 'input:not([type=hidden], [type=password], [type=file]), select, textarea';
document.addEventListener('htmx:beforeOnLoad', ({ detail: { xhr, requestConfig } }) => {
  const form = requestConfig.elt;
  if (!form.matches('form.act')) return;
  if (xhr.status < 400) unsaved.delete(form);
  if (xhr.status < 400 || xhr.getResponseHeader('hx-redirect') === null) return;
  unsaved.clear();
  const values = [...form.querySelectorAll(kept)].map(({ name, value }) => [name, value]);
  sessionStorage.setItem(KEPT, JSON.stringify([form.id, values]));
});
const restore = () => {
  // The form comes with the rest of the page.
  if (document.querySelector('.later') !== null) return;
  const [id, values] = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]');
  sessionStorage.removeItem(KEPT);
  const form = document.getElementById(id);
  if (form === null) return;
  for (const [name, value] of values) {
    const field = form.elements.namedItem(name);
    if (field !== null) field.value = value;
  }
  unsaved.add(form);
  fit();
};
restore();
document.addEventListener('htmx:afterSettle', restore);

// An action that requires the password again: after the dialog, the same button sends the same form.
const confirming = document.getElementById('confirm-password');
const pressed = new WeakMap();
const approved = new WeakSet();
let waiting;
document.addEventListener('submit', ({ target, submitter }) => pressed.set(target, submitter), true);
document.addEventListener('confirm-password', ({ target }) => {
  waiting = target;
  const problem = confirming.querySelector('.error');
  problem.hidden = true;
  confirming.querySelector('form').reset();
  confirming.showModal();
});
confirming?.querySelector('form').addEventListener('submit', (event) => {
  if (event.submitter?.value === 'no') return;
  event.preventDefault();
  void confirmPassword();
});
const confirmPassword = async () => {
  const password = confirming.querySelector('[type=password]').value;
  const answer = await fetch('/v1/account/confirm', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': confirming.dataset.csrf },
    body: JSON.stringify({ password }),
  });
  if (!answer.ok) {
    const problem = confirming.querySelector('.error');
    problem.textContent = (await answer.json()).detail;
    problem.hidden = false;
    return;
  }
  confirming.close();
  approved.add(waiting);
  const button = pressed.get(waiting);
  button?.focus();
  waiting.requestSubmit(button);
};

/* Copying. Outside of https, the browser has no clipboard for scripts, but it copies what is selected. */
const showCopies = () => {
  for (const button of document.querySelectorAll('[data-copy][hidden]')) button.hidden = false;
};
document.addEventListener('htmx:afterSwap', showCopies);
showCopies();
document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-copy]');
  if (button === null) return;
  getSelection().selectAllChildren(button.parentElement.querySelector('pre, code'));
  if (!document.execCommand('copy')) return;
  getSelection().removeAllRanges();
  button.textContent = button.dataset.copy;
});
