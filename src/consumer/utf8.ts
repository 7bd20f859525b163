/** UTF-8 to text; what is no UTF-8 becomes U+FFFD and a byte order mark is left out. */
const decoder = new TextDecoder('utf-8');

export const decodeUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);
