import { report } from './run.ts';
import { simulateHere, type Simulation } from './commands/simulate/line.ts';

/*
 * A simulation with a network segment, in its own network namespace: `node simulate-inside.js SIMULATION`, which is
 * JSON. Prints the report as JSON. The namespace and everything in it end with this process.
 */

process.umask(0o077);
try {
  const simulation: Simulation = JSON.parse(process.argv[2] ?? '');
  process.stdout.write(JSON.stringify(await simulateHere(simulation)));
} catch (error) {
  report(error);
  process.exitCode = 1;
}
