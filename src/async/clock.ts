/**
 * The clocks of this machine. Whatever asks for the time asks here, so that a test can move it.
 */
export const clock = {
  /** Milliseconds since 1970: what people and other machines understand. Somebody may set it, forwards and back. */
  wall: (): number => Date.now(),
  /** Milliseconds since the process started. Nobody can set it: for how long something took, and when it is too long. */
  steady: (): number => performance.now(),
};
