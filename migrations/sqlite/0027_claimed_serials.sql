-- An import claims its S/Ns against the units of all products (src/decide/serials.ts).

CREATE INDEX claimed_serial ON claimed (value) WHERE what = 'serial';
