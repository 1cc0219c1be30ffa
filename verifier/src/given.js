// What somebody shows as a card: the text of a QR code, a JWS, or a .smart-health-card file. As bot/cards/given.py.

const LONGEST = 1_000_000; // characters
const MOST_CARDS = 50;
const BLANKS = /[ \t\r\n]+/g; // a code that was copied from a letter comes in lines
const CHUNK = /^shc:\/\d+\/\d+\//;
const WHOLE = /^shc:\/(?:[0-6]\d|7[0-7])+$/;
const LINK = /^(?:https?:\/\/|shlink:\/)/i;
export const COMPACT = /^ey[\w-]*\.[\w-]+\.[\w-]{0,1000}$/; // ey: a header is JSON, which begins with {

export class NotACard extends Error {
  /** @param {string} kind the name of the result that the page shows */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

/** The JWS of each card, at least one; whether they hold is not asked here. Throws NotACard. */
export function cardsIn(given) {
  const text = given.replace(/^[ \t\r\n\ufeff]+/, "").replace(/[ \t\r\n\ufeff]+$/, "");
  if (text.length > LONGEST) throw new NotACard("too_large");
  return text.startsWith("{") ? inFile(text) : [one(text.replace(BLANKS, ""))];
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
  if (WHOLE.test(text)) return text.slice(5).replace(/../g, (pair) => String.fromCharCode(Number(pair) + 45));
  throw new NotACard(kind(text));
}

function kind(text) {
  if (CHUNK.test(text)) return "chunk";
  if (LINK.test(text)) return "link";
  return text.startsWith("HC1:") ? "eu_certificate" : "other";
}
