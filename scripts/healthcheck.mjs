/** For HEALTHCHECK in the container image, which has no curl: 0 when this Berth answers, else 1. */
const port = process.env.BERTH_PORT || 5000;
const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4000) }).catch(
  () => undefined,
);
process.exit(answer?.ok ? 0 : 1);
