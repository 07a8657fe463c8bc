// What ledger-process.ts starts: records each command it is sent and sends what came of it. One is asked at a time.
const [, , module, file] = process.argv;
const { openSqliteLedger } = await import(module);
const ledger = await openSqliteLedger({ file, onFault: () => {} });
process.on('message', async (command) => {
  try {
    process.send({ answer: await ledger.record(command) });
  } catch ({ code, message }) {
    process.send({ refused: { code, message } });
  }
});
process.send('opened');
