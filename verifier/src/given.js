// What somebody shows as a card: the text of a QR code, a JWS, or a .smart-health-card file. As bot/cards/given.py.

const LONGEST = 1_000_000; // characters
const MOST_CARDS = 50;
const BLANKS = /[ \t\r\n]+/g; // a code that was copied from a letter comes in lines
// Before the digits: scanners write it in capitals, too, and links to wallets have the code behind #.
// Apple's has digits alone: 567629 is "eyJ", the beginning of a JWS. No link is followed.
const CODE = /^(?:shc:\/|https?:\/\/[^#]*#(?:shc:\/|(?=567629)))/i;
const CHUNK = /^\d+\/\d+\//;
const WHOLE = /^(?:[0-6]\d|7[0-7])+$/;
const BROKEN_JWS = "eyJ"; // {" in base64: the beginning of one that is no COMPACT any more
const LINK = /^(?:https?:\/\/|shlink:\/)/i;
const BEGINNINGS = { "HC1:": "eu_certificate", "%PDF-": "pdf" };
export const COMPACT = /^ey[\w-]*\.[\w-]+\.[\w-]{0,1000}$/; // ey: a header is JSON, which begins with {

export class NotACard extends Error {
  /** @param {string} kind the name of the result that the page shows */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

/** The JWS of each card, at least one, or what is left of it. Whether they hold is not asked. Throws NotACard. */
export function cardsIn(given) {
  const text = given.replace(/^[ \t\r\n\ufeff]+/, "").replace(/[ \t\r\n\ufeff]+$/, "");
  if (!text) throw new NotACard("empty");
  if (text.length > LONGEST) throw new NotACard("too_large");
  return text.startsWith("{") ? inFile(text) : [one(text.replace(BLANKS, ""))];
}

/** Whether this is the text of a card's QR code by its look, and not the address of a page beside it. */
export function isCode(text) {
  return CODE.test(text);
}

function inFile(text) {
  const cards = parsed(text)?.verifiableCredential;
  if (!Array.isArray(cards) || !cards.length || !cards.every((card) => typeof card === "string")) {
    throw new NotACard("other");
  }
  if (cards.length > MOST_CARDS) throw new NotACard("too_large");
  return cards;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function one(text) {
  if (COMPACT.test(text)) return text;
  if (isCode(text)) return decoded(text.replace(CODE, ""));
  if (text.startsWith(BROKEN_JWS)) return text;
  throw new NotACard(kind(text));
}

/** The JWS. Of digits that were damaged or cut short themselves: no JWS, which who checks it calls damaged. */
function decoded(digits) {
  if (CHUNK.test(digits)) throw new NotACard("chunk");
  if (!WHOLE.test(digits)) return `shc:/${digits}`;
  return digits.replace(/../g, (pair) => String.fromCharCode(Number(pair) + 45));
}

function kind(text) {
  if (LINK.test(text)) return "link";
  const beginning = Object.keys(BEGINNINGS).find((known) => text.startsWith(known));
  return BEGINNINGS[beginning] ?? "other";
}
