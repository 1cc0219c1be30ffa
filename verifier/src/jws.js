// The card as a JWS: minified JSON, raw DEFLATE, signed with ES256. As bot/cards/jws.py.

import { COMPACT } from "./given.js";

const MAX_CLAIMS = 100_000; // bytes, inflated: a card has about 2,000, a bomb has more
const MAX_HEADER = 512; // characters
const MAX_PAYLOAD = 128_000;
const ES256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export class InvalidCard extends Error {}
export class ForgedCard extends InvalidCard {}

/** What a card says of itself: {kid, claims}. Anybody could have written it. Throws InvalidCard or ForgedCard. */
export async function readUnproven(card) {
  if (!COMPACT.test(card)) throw new InvalidCard();
  const [head, payload] = card.split(".");
  if (head.length > MAX_HEADER || payload.length > MAX_PAYLOAD) throw new InvalidCard();
  const header = asObject(utf8(bytes(head)));
  const packed = bytes(payload);
  if (!("alg" in header)) throw new InvalidCard();
  if (header.alg !== "ES256") throw new ForgedCard();
  if (header.zip !== "DEF" || typeof header.kid !== "string" || "crit" in header || "b64" in header) {
    throw new InvalidCard();
  }
  return { kid: header.kid, claims: asObject(utf8(await inflate(packed))) };
}

/** Whether the holder of this key signed the card. */
export async function isSignedBy(card, { x, y }) {
  const [head, payload, signature] = card.split(".");
  const key = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x, y }, ES256, false, ["verify"]);
  const signed = new TextEncoder().encode(`${head}.${payload}`);
  return signature.length === 86 && crypto.subtle.verify(ES256, key, bytes(signature), signed); // 64 bytes
}

/** Stops reading at MAX_CLAIMS, whatever the rest would become. */
async function inflate(packed) {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const pieces = [];
  let size = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      pieces.push(next.value);
      size += next.value.length;
      if (size > MAX_CLAIMS) throw new InvalidCard();
    }
  } catch {
    reader.cancel().catch(() => {});
    throw new InvalidCard();
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function bytes(base64url) {
  try {
    const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  } catch {
    throw new InvalidCard();
  }
}

function utf8(data) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new InvalidCard();
  }
}

function asObject(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidCard();
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new InvalidCard();
  return value;
}
