// Sounds that differ in pitch, length and rhythm: one rising for what is right, two low ones for what is not, and one
// short note where another scan is awaited.

const NOTES = {
  right: [
    [880, 0, 0.12],
    [1320, 0.13, 0.22],
  ],
  wrong: [
    [220, 0, 0.3],
    [165, 0.38, 0.5],
  ],
  asked: [[660, 0, 0.15]],
};

let context;

/** Browsers stay silent until somebody has pressed a key on the page; a scan is that. */
export function sound(kind) {
  context ??= new AudioContext();
  const notes = NOTES[{ pass: 'right', done: 'right', both: 'asked' }[kind] ?? 'wrong'];
  for (const [pitch, from, seconds] of notes) {
    const start = context.currentTime + from;
    const tone = new OscillatorNode(context, { type: 'square', frequency: pitch });
    const volume = new GainNode(context, { gain: 0.2 });
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + seconds);
  }
}
