// Suggestions below the search box, as the combobox of the ARIA Authoring Practices: the focus stays in the box, and the
// arrows move through the list. Without this script, the box is a plain search form.
const box = document.getElementById('find');
const panel = document.getElementById('suggest');

/** A person who types has a pause after most letters. A scanner has none before Enter, so its codes ask for nothing. */
const PAUSE_MS = 150;

/** After this time without an answer, the list says that the search still runs. */
const SLOW_MS = 400;

if (box !== null && panel !== null) {
  let pausing;
  let asking;
  let active = -1;

  const options = () => [...panel.querySelectorAll('[role=option]')];
  const close = () => {
    clearTimeout(pausing);
    asking?.abort();
    panel.hidden = true;
    active = -1;
    box.setAttribute('aria-expanded', 'false');
    box.removeAttribute('aria-activedescendant');
  };
  const move = (to) => {
    const all = options();
    if (all.length === 0) return;
    active = (to + all.length) % all.length;
    all.forEach((option, place) => {
      option.id = `suggested-${place}`;
      option.setAttribute('aria-selected', String(place === active));
    });
    box.setAttribute('aria-activedescendant', `suggested-${active}`);
    all[active].scrollIntoView({ block: 'nearest' });
  };
  const showSearching = () => {
    const note = document.createElement('p');
    note.className = 'suggest-note';
    note.textContent = panel.dataset.searching;
    panel.replaceChildren(note);
    panel.hidden = false;
    active = -1;
    box.removeAttribute('aria-activedescendant');
  };
  const ask = async () => {
    const text = box.value.trim();
    if (text === '') return close();
    asking?.abort();
    asking = new AbortController();
    const waiting = setTimeout(showSearching, SLOW_MS);
    try {
      const answer = await fetch(`/search/suggestions?${new URLSearchParams({ text })}`, { signal: asking.signal });
      if (answer.status !== 200) return close();
      const html = await answer.text();
      if (box.value.trim() !== text || document.activeElement !== box) return;
      panel.innerHTML = html;
      panel.hidden = false;
      active = -1;
      box.setAttribute('aria-expanded', 'true');
      box.removeAttribute('aria-activedescendant');
    } catch {
      // The box still searches with Enter.
    } finally {
      clearTimeout(waiting);
    }
  };

  box.addEventListener('input', () => {
    clearTimeout(pausing);
    pausing = setTimeout(ask, PAUSE_MS);
  });
  box.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (panel.hidden) void ask();
      else move(event.key === 'ArrowDown' ? active + 1 : active === -1 ? -1 : active - 1);
    } else if (event.key === 'Enter' && !panel.hidden && active >= 0) {
      event.preventDefault();
      options()[active].click();
    } else if (event.key === 'Escape' && !panel.hidden) {
      // The next Escape leaves the box.
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  // A text that is still in the box has suggestions again.
  const askAgain = () => {
    if (panel.hidden) void ask();
  };
  box.addEventListener('focus', askAgain);
  box.addEventListener('click', askAgain);
  box.form.addEventListener('submit', close);
  // A press on a suggestion must not take the focus away before the click.
  panel.addEventListener('pointerdown', (event) => event.preventDefault());
  box.addEventListener('blur', close);
}
