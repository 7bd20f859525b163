import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenSource, TokenError } from '../../../src/clients/oauth.ts';
import { freePorts } from '../../support/services/server-process.ts';
import { startTokenServer, type TokenServer } from '../../support/token-server.ts';

const CLIENT = { id: 'id', secret: 'secret', subject: 'worker' };

let server: TokenServer;

const sourceOf = (more: { clientSecret?: string; url?: string; scope?: string } = {}) =>
  createTokenSource({ url: server.tokenUrl, clientId: CLIENT.id, clientSecret: CLIENT.secret, ...more });

beforeEach(async () => {
  server = await startTokenServer(CLIENT);
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  await server.close();
});

describe('a source of tokens', () => {
  it('asks as RFC 6749 says, once for all who ask at the same time', async () => {
    const token = sourceOf({ scope: 'kafka logs' });
    const [first, second] = await Promise.all([token(), token()]);
    expect(first.split('.')).toHaveLength(3);
    expect(second).toBe(first);
    expect(await token()).toBe(first);
    expect(server.requests).toEqual([
      {
        authorization: `Basic ${Buffer.from('id:secret').toString('base64')}`,
        contentType: expect.stringContaining('application/x-www-form-urlencoded'),
        form: { grant_type: 'client_credentials', scope: 'kafka logs' },
      },
    ]);
  });

  it('does not hand out a token that is about to end', async () => {
    server.lifeSeconds = 5;
    const token = sourceOf();
    await token();
    await token();
    expect(server.requests).toHaveLength(2);
  });

  it('says that a refusal is for good, and which options to check', async () => {
    const refused = sourceOf({ clientSecret: 'hunter2' })();
    await expect(refused).rejects.toMatchObject({
      retriable: false,
      message: expect.stringMatching(/kafka\.sasl\.oauth\.url.*401 \(invalid_client.*kafka\.sasl\.oauth\.secret/),
    });
    await expect(refused).rejects.not.toThrow('hunter2');
  });

  it.each([408, 429, 500, 503])('says that %i may pass', async (status) => {
    server.failure = status;
    await expect(sourceOf()()).rejects.toMatchObject({
      retriable: true,
      message: expect.stringContaining(`${status}`),
    });
  });

  it('says that an endpoint that does not answer may come back, and asks again', async () => {
    const [port] = await freePorts(1);
    const token = sourceOf({ url: `http://127.0.0.1:${port}/token` });
    await expect(token()).rejects.toBeInstanceOf(TokenError);
    await expect(token()).rejects.toMatchObject({
      retriable: true,
      message: expect.stringMatching(/127\.0\.0\.1:\d+\/token does not answer: .*ECONNREFUSED/),
    });
  });

  it('refuses a page that is no token endpoint', async () => {
    await expect(sourceOf({ url: server.jwksUrl })()).rejects.toThrow('is it the token endpoint?');
  });
});

describe('renewal', () => {
  /** Answers of the endpoint in their order: a lifetime in seconds, or undefined for an outage. */
  function endpoint(lives: (number | undefined)[]): { readonly asked: number } {
    const state = { asked: 0 };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    vi.stubGlobal('fetch', async () => {
      const life = lives[state.asked];
      state.asked += 1;
      if (life === undefined) throw new TypeError('fetch failed');
      return Response.json({ access_token: `token-${state.asked}`, expires_in: life });
    });
    return state;
  }

  it('comes ahead of the end, without anybody asking', async () => {
    const state = endpoint([100, 100, 100]);
    const token = sourceOf();
    expect(await token()).toBe('token-1');
    await vi.advanceTimersByTimeAsync(79_000);
    expect(state.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(state.asked).toBe(2);
    expect(await token()).toBe('token-2');
  });

  it('sits out an outage that is shorter than what is left', async () => {
    const state = endpoint([300, undefined, undefined, 300]);
    const token = sourceOf();
    await token();
    await vi.advanceTimersByTimeAsync(251_000);
    expect(state.asked).toBe(3);
    expect(await token()).toBe('token-1');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await token()).toBe('token-4');
  });

  it('of a token that ended in an outage is asked for, and fails, until the endpoint is back', async () => {
    endpoint([100, ...Array<undefined>(6).fill(undefined), 100]);
    const token = sourceOf();
    await token();
    await vi.advanceTimersByTimeAsync(120_000);
    await expect(token()).rejects.toMatchObject({ retriable: true });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await token()).toBe('token-8');
  });

  it('is one at a time, however often and for however short a life tokens were asked for', async () => {
    const state = endpoint(Array<number>(100).fill(2));
    const token = sourceOf();
    for (let count = 0; count < 10; count += 1) {
      await token();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(state.asked).toBe(10);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(state.asked).toBe(14);
  });
});
