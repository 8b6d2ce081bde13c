import { clock } from './async/clock.js';

/** A signal this soon after the first is its echo: `npm start` passes on the Ctrl-C that the terminal already sent us. */
const echoMs = 1000;

/**
 * Runs `stop` once, on the first SIGINT or SIGTERM, and then ends the process with code 0. Who asks again, later, means
 * at once: exit code 130, leaving what is in flight.
 */
export function onStopSignal(stop: (signal: NodeJS.Signals) => Promise<void>): void {
  let asked: number | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (asked === undefined) {
      asked = clock.steady();
      void stop(signal).then(() => process.exit(0));
    } else if (clock.steady() - asked > echoMs) process.exit(130);
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
}
