// Whether a card holds: its signature, its issuer, its dates, its revocation. As bot/cards/checking.py, to the letter.

import { readFacts } from "./facts.js";
import { ForgedCard, InvalidCard, isSignedBy, readUnproven } from "./jws.js";

const HEALTH_CARD = "https://smarthealth.cards#health-card";
const DAY = 86_400;
const GOOD_FOR = 7 * DAY; // seconds for which what an issuer has revoked counts as known
const LEEWAY = 300; // seconds that two clocks may differ: a card is shown the moment it was issued

/**
 * Everything about one JWS: {verdict, iss, issuer, moment, facts}. Never throws for what a card holds.
 * @param {string} card
 * @param {import("./lists.js").Issuer[]} issuers
 * @param {number} now seconds since 1970
 */
export async function checkCard(card, issuers, now) {
  try {
    return await check(card, await readUnproven(card), issuers, now);
  } catch (error) {
    if (error instanceof ForgedCard) return { verdict: "wrong_signature" };
    if (error instanceof InvalidCard) return { verdict: "damaged" };
    throw error;
  }
}

async function check(card, { kid, claims }, issuers, now) {
  const { iss } = claims;
  if (typeof iss !== "string") return { verdict: "damaged" };
  const issuer = issuers.find((known) => known.iss === iss); // to the letter: another spelling is another issuer
  if (!issuer) return { verdict: "unknown_issuer", iss };
  const key = issuer.keys.find((known) => known.kid === kid);
  if (!key) return { verdict: "unknown_key", iss, issuer };
  if (!(await isSignedBy(card, key))) return { verdict: "wrong_signature", iss, issuer };
  const judged = judge(claims, issuer, key, now);
  if (judged.verdict !== "verified") return { ...judged, iss, issuer };
  const facts = readFacts(claims);
  if (!facts) return { verdict: "damaged", iss, issuer };
  return { verdict: facts.doses.length ? "verified" : "no_dose", iss, issuer, facts };
}

/** What its issuer says of a card that is truly signed, but for whose it is. */
function judge({ nbf, exp, vc }, issuer, key, now) {
  const types = vc?.type;
  const rid = vc?.rid ?? null;
  const begins = nbf ?? null;
  const ends = exp ?? null;
  const sound =
    Number.isFinite(begins) &&
    (ends === null || Number.isFinite(ends)) &&
    Array.isArray(types) &&
    types.includes(HEALTH_CARD) &&
    (rid === null || typeof rid === "string");
  if (!sound) return { verdict: "damaged" };
  if (begins > now + LEEWAY) return { verdict: "not_yet_valid", moment: begins };
  if (ends !== null && ends < now - LEEWAY) return { verdict: "expired", moment: ends };
  if (rid !== null && hasRevoked(issuer, key, rid, begins)) return { verdict: "revoked" };
  const isKnown = isCurrent(issuer, now) && knowsRevoked(issuer, key);
  return { verdict: isKnown ? "verified" : "unchecked" };
}

/** Whether keys and lists are of these days. A day ahead of us is a clock; more is a mistake. */
function isCurrent({ fetched }, now) {
  if (fetched === "now") return true; // our server's own
  return typeof fetched === "number" && now - fetched >= -DAY && now - fetched <= GOOD_FOR;
}

/** A card is revoked for good, or because it was issued before a moment. */
function hasRevoked(issuer, key, rid, issued) {
  const rids = issuer.crls.filter((crl) => crl.kid === key.kid).flatMap((crl) => crl.rids);
  const timed = rids.filter((entry) => entry.startsWith(`${rid}.`)).map((entry) => Number(entry.split(".")[1]));
  return rids.includes(rid) || timed.some((moment) => issued < moment);
}

/** Whether the list for a key is as new as the key says; a key that says nothing has none. */
function knowsRevoked(issuer, key) {
  if (key.crlVersion === undefined) return true;
  return issuer.crls.some((crl) => crl.kid === key.kid && crl.ctr >= key.crlVersion);
}
