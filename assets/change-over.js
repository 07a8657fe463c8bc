import { sound } from './sound.js';

// The change-over of a station: sends the form, and shows why it was refused. After a lead's badge, the form appears.

const form = document.querySelector('form.act');
const told = document.getElementById('told');

async function send(submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  form.inert = true;
  try {
    const answer = await fetch(form.action, { method: 'POST', body, signal: AbortSignal.timeout(10000) });
    const to = answer.headers.get('hx-redirect');
    if (to !== null) return location.assign(to);
    if (answer.status === 401) return location.reload();
    told.innerHTML = await answer.text();
    if (told.querySelector('[data-badge]') !== null) return location.reload();
    sound('fail');
  } finally {
    form.inert = false;
    const code = form.elements.code;
    if (code) {
      code.value = '';
      code.focus();
    } else told.scrollIntoView({ block: 'nearest' });
  }
}

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  void send(event.submitter);
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') document.querySelector('.station-top a.btn')?.click();
});
