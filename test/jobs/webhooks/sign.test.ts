import { expect, it } from 'vitest';
import { makeSecret, signedHeaders } from '../../../src/jobs/webhooks/sign.ts';

it('signs as the library of Standard Webhooks does', () => {
  // Made with npm standardwebhooks 1.1.1.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const body = '{"test": 2432232314}';
  expect(signedHeaders([secret], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_999, body)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('makes secrets of 32 bytes that are never the same', () => {
  const secrets = Array.from({ length: 100 }, makeSecret);
  for (const secret of secrets) expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
  expect(new Set(secrets).size).toBe(secrets.length);
});
