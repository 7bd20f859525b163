/** What is wrong when a broker cannot be used, told apart as far as the client can tell. */
import { messageOf, rootCause } from './kafka.ts';

export const KAFKA_TROUBLES = ['name', 'refused', 'timeout', 'tls', 'sasl', 'closed', 'rights', 'other'] as const;
/**
 * `name`: the host name is not known. `refused`: nothing listens there. `timeout`: no answer. `tls`: the certificate or
 * the protocol. `sasl`: the broker refuses mechanism, user or password. `closed`: the broker hangs up, as one does that
 * expects TLS or SASL. `rights`: authenticated, but not allowed.
 */
export type KafkaTrouble = (typeof KAFKA_TROUBLES)[number];

const BY_CODE: Readonly<Record<string, KafkaTrouble>> = {
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'timeout',
  ENETUNREACH: 'timeout',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
};

/** Codes of Node's TLS: ERR_TLS_CERT_ALTNAME_INVALID, ERR_SSL_WRONG_VERSION_NUMBER, DEPTH_ZERO_SELF_SIGNED_CERT, ... */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|EPROTO$|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

export interface KafkaTroubleFacts {
  readonly trouble: KafkaTrouble;
  readonly message: string;
  /** host:port of the broker that was being connected to, where the client says so. */
  readonly broker?: string;
}

/** The kind of a failure to connect or to ask, its text in one line, and where it happened. */
export function kafkaTroubleOf(error: unknown): KafkaTroubleFacts {
  const root = Object(rootCause(error));
  const message = messageOf(error).replace(/\s+/g, ' ');
  const broker: unknown = root.broker;
  return { trouble: troubleOf(root, message), message, ...(typeof broker === 'string' ? { broker } : {}) };
}

function troubleOf(
  { name, code, type }: { name?: unknown; code?: unknown; type?: unknown },
  message: string,
): KafkaTrouble {
  if (name === 'KafkaJSSASLAuthenticationError' || name === 'TokenError' || type === 'SASL_AUTHENTICATION_FAILED')
    return 'sasl';
  if (type === 'UNSUPPORTED_SASL_MECHANISM' || type === 'ILLEGAL_SASL_STATE') return 'sasl';
  if (typeof type === 'string' && type.endsWith('AUTHORIZATION_FAILED')) return 'rights';
  if (typeof code === 'string' && TLS_CODE.test(code)) return 'tls';
  if (typeof code === 'string' && BY_CODE[code] !== undefined) return BY_CODE[code];
  if (name === 'KafkaJSConnectionClosedError') return 'closed';
  if (name === 'KafkaJSRequestTimeoutError' || message.includes('timeout')) return 'timeout';
  return /certificate|SSL|TLS/.test(message) ? 'tls' : 'other';
}
