/* The search of the help. The service uses it, and `npm run docs` writes its code into the static pages. */

/** A section as the search sees it. `weight` is below 1 for history and for documents about the architecture. */
export interface Row {
  /** Document and anchor, such as `backup#restoring`. */
  address: string;
  heading: string;
  title: string;
  text: string;
  weight: number;
}

/** The search leaves out the words in `ignored`. For a stem, `alike` has words with nearly the same meaning. */
export interface Vocabulary {
  ignored: string[];
  alike: Record<string, string[]>;
}

export const VOCABULARY: Vocabulary = {
  ignored:
    'a an the is are was be it its i my we you to of in on for with and or how what why where when who do does did not no can cannot can’t doesn’t don’t working if there this that please after at already from get gets el la los las del un una en con se que por para mi'.split(
      ' ',
    ),
  alike: {
    chang: ['renew', 'replac', 'another'],
    renew: ['chang', 'overwrit'],
    small: ['fit', 'large', 'size'],
    big: ['large', 'fit'],
    lost: ['forgot', 'missing'],
    forgot: ['lost'],
    reset: ['lost', 'new password'],
    reach: ['open', 'no answer'],
    503: ['no claim id'],
    screen: ['line'],
    escanear: ['escane'],
    pantalla: ['franja'],
    屏幕: ['红条'],
    forgotten: ['lost'],
    broken: ['damaged', 'lost', 'fault'],
    delet: ['remov', 'void'],
    login: ['sign in', 'sign-in'],
    logon: ['sign in', 'sign-in'],
    user: ['person', 'people'],
    unreadabl: ['cannot be read'],
    readabl: ['cannot be read'],
    move: ['another machine', 'lost'],
    ssl: ['tls'],
    http: ['tls'],
    barcod: ['code128', 'qr'],
    offlin: ['without internet', 'without network', 'does not', 'no answer'],
    instal: ['set up', 'setup'],
    updat: ['upgrad'],
    export: ['csv', 'xlsx'],
    excel: ['xlsx', 'csv'],
    reprint: ['print again'],
    hang: ['watchdog', 'no answer'],
    crash: ['stopp', 'ends'],
    price: ['licenc'],
  },
};

/** The number of sections that a page lists. */
const MAX_FOUND = 30;

export function find(rows: Row[], query: string): Row[] {
  return rankedRows(rows, query, VOCABULARY).slice(0, MAX_FOUND);
}

/**
 * Returns the sections that contain most of the words, the best first. A word in a heading counts more than a word in
 * the text, and a rare word more than a common one. The function uses nothing outside itself, because its code is
 * copied into the static pages.
 */
export function rankedRows(rows: Row[], query: string, { ignored, alike }: Vocabulary): Row[] {
  const MAX_WORDS = 8;
  const stem = (word: string): string => (word.length > 4 ? word.replace(/(?:ies|es|s|ing|ed|e|ly)$/, '') : word);
  const startOf = (words: string[]): RegExp =>
    new RegExp(
      `(?:(?<![\\p{L}\\p{N}])|(?=\\p{Script=Han}))(?:${words.map((word) => word.replaceAll(/[^\p{L}\p{N} _]/gu, '.')).join('|')})`,
      'u',
    );
  // Accents are ignored, because people often leave them out.
  const flat = (text: string): string => text.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '');
  // Chinese has no spaces between words, so each pair of adjacent characters counts as a word.
  const isHan = (word: string): boolean => /^\p{Script=Han}/u.test(word);
  const typed = (flat(query).match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}_’'-])+/gu) ?? [])
    .flatMap((word) => (isHan(word) ? word.split(/[不没有无的了吗]/u) : [word]))
    .flatMap((word) =>
      isHan(word) && word.length > 2 ? Array.from({ length: word.length - 1 }, (_, n) => word.slice(n, n + 2)) : [word],
    )
    .filter((word) => word !== '');
  const telling = typed.filter((word) => !ignored.includes(word.replaceAll("'", '’')));
  const terms = (telling.length > 0 ? telling : typed).slice(0, MAX_WORDS).map((word) => {
    const others = alike[stem(word)] ?? [];
    return { word: startOf([stem(word)]), other: others.length > 0 ? startOf(others) : undefined };
  });
  if (terms.length === 0) return [];
  const phrase = typed.join(' ');
  // In Chinese, fewer terms must match, because some pairs of characters are the end of one word and the beginning of
  // the next.
  const least = typed.some(isHan) ? 0.3 : 0.5;
  const seen = rows.map((row) => {
    const [heading, title, text] = [flat(row.heading), flat(row.title), flat(row.text)];
    const points = terms.map(({ word, other }) => {
      const direct = (word.test(heading) ? 5 : 0) + (word.test(title) ? 1 : 0) + (word.test(text) ? 1.5 : 0);
      if (direct >= 1.5 || other === undefined) return direct;
      return Math.max(direct, (other.test(heading) ? 3 : 0) + (other.test(text) ? 0.8 : 0));
    });
    return {
      row,
      points,
      hasPhrase: heading === phrase ? 4 : heading.includes(phrase) ? 2 : text.includes(phrase) ? 1.3 : 1,
    };
  });
  const rarity = terms.map((_, n) =>
    Math.log(1 + rows.length / (1 + seen.filter(({ points }) => (points[n] ?? 0) > 0).length)),
  );
  return seen
    .map(({ row, points, hasPhrase }) => {
      const share = points.filter((point) => point > 0).length / terms.length;
      const sum = points.reduce((total, point, n) => total + point * (rarity[n] ?? 0), 0);
      return { row, score: share <= least && terms.length > 1 ? 0 : sum * share * share * hasPhrase * row.weight };
    })
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ row }) => row);
}

/**
 * Returns the part of the text around the first word that matches. This function is also copied into the static pages.
 */
export function excerpt(text: string, query: string, { ignored }: Vocabulary): string {
  const words = (query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !ignored.includes(word));
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.indexOf(word.slice(0, 6))).filter((place) => place >= 0);
  const at = Math.max(0, Math.min(...places, text.length) - 60);
  const from = places.length === 0 || at === 0 ? 0 : text.indexOf(' ', at) + 1;
  return `${from > 0 ? '… ' : ''}${text.slice(from, from + 240)}${text.length > from + 240 ? ' …' : ''}`;
}
