// The issuers whose cards are believed, with keys and revocation lists, and the names of vaccines. From our server only.

const FRESH = 3_600_000; // milliseconds after which they are asked for again, if the server can be reached
const USABLE = 86_400_000; // and after which nothing is checked with them

/**
 * @typedef {{kid: string, x: string, y: string, crlVersion?: number}} Key
 * @typedef {{kid: string, ctr: number, rids: string[]}} Crl
 * @typedef {{iss: string, name: string, fetched: number|"now"|null, keys: Key[], crls: Crl[]}} Issuer
 * @typedef {{issuers: Issuer[], products: Object<string, string>}} Lists
 */

let held = null;

/** @returns {Promise<Lists>} Throws where they cannot be had. */
export async function lists() {
  const age = held ? Date.now() - held.at : Infinity;
  if (age < FRESH) return held.lists;
  try {
    held = { at: Date.now(), lists: await fetchLists() };
  } catch (error) {
    if (age >= USABLE) throw error;
  }
  return held.lists;
}

async function fetchLists() {
  const [trust, products] = await Promise.all([json("/verify/trust.json"), json("/verify/vaccines.json")]);
  return { issuers: trust.participating_issuers, products };
}

async function json(address) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
  return answer.json();
}
