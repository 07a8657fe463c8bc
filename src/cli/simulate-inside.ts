import { report } from './run.ts';
import { simulateHere, type Simulation } from './commands/simulate/line.ts';

/*
 * Runs a simulation with a network segment, in a separate network namespace: `node simulate-inside.js SIMULATION`.
 * SIMULATION is JSON. The report is printed as JSON. When this process ends, the namespace and everything in it
 * disappear.
 */

process.umask(0o077);
try {
  const simulation: Simulation = JSON.parse(process.argv[2] ?? '');
  process.stdout.write(JSON.stringify(await simulateHere(simulation)));
} catch (error) {
  report(error);
  process.exitCode = 1;
}
