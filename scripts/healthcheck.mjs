/** For HEALTHCHECK in the container image, which has no curl: 0 when this Berth answers, by HTTP or by HTTPS, else 1. */
import http from 'node:http';
import https from 'node:https';

const port = process.env.BERTH_PORT || 5000;

/** Whose certificate it is does not matter here: it is asked for by the name clients use, and this is another. */
function answers({ get }, scheme) {
  return new Promise((resolve) => {
    const request = get(
      `${scheme}://127.0.0.1:${port}/healthz`,
      { timeout: 2000, rejectUnauthorized: false },
      (answer) => resolve(answer.resume().statusCode === 200),
    );
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

process.exit((await answers(http, 'http')) || (await answers(https, 'https')) ? 0 : 1);
