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

// Fields that are used only for some values of another field. Hidden fields are not sent.
const fit = () => {
  for (const part of document.querySelectorAll('[data-when]')) {
    const decides = part.closest('form')?.elements.namedItem(part.dataset.when);
    if (!decides) continue;
    part.hidden = !part.dataset.is.split(' ').includes(decides.value);
    for (const field of part.querySelectorAll('input, select, textarea')) field.disabled = part.hidden;
  }
};
document.addEventListener('change', fit);
document.addEventListener('htmx:afterSwap', fit);
fit();

const ask = document.getElementById('ask');

document.addEventListener('htmx:confirm', (event) => {
  const { question, issueRequest } = event.detail;
  if (!question || ask === null) return;
  event.preventDefault();
  ask.querySelector('h2').textContent = question;
  ask.returnValue = 'no';
  ask.addEventListener('close', () => ask.returnValue === 'yes' && issueRequest(true), { once: true });
  ask.showModal();
});
