// Puts results on the page, from its templates. What a card says is only ever text.

const page = document.getElementById("verify");
const results = document.getElementById("results");
const language = document.documentElement.lang;
const WORST_FIRST = ["bad", "unsure", "good"];
const DATE_PARTS = [{ year: "numeric" }, { month: "long" }, { day: "numeric" }];

/** All results, the worst above, or a good one would hide it. Of each: what checkCard returns, or {verdict}. */
export function show(all, products) {
  const sections = all.map((checked) => section(checked, products)).sort((one, other) => rank(one) - rank(other));
  results.replaceChildren(...sections);
  sections[0].querySelector("h2").focus({ preventScroll: true });
  scrollTo(0, 0);
}

export function clear() {
  results.replaceChildren();
}

function rank(section) {
  return WORST_FIRST.findIndex((tone) => section.classList.contains(tone));
}

function section({ verdict, iss, issuer, moment, facts }, products) {
  const made = copy(`template[data-result="${verdict}"]`);
  fill(made, "issuer", issuer ? issuer.name || page.dataset.issuer : (iss ?? "").slice(0, 200));
  if (moment !== undefined) fill(made, "date", shownDate(isoDay(moment)));
  if (facts) made.append(factsOf(facts, products));
  return made;
}

function factsOf(facts, products) {
  const made = copy("#facts");
  fill(made, "name", facts.name);
  fill(made, "birth_date", shownDate(facts.birthDate));
  made.querySelector(".doses").append(...facts.doses.map((dose, at) => doseOf(dose, at + 1, products)));
  return made;
}

function doseOf(dose, number, products) {
  const made = copy("#dose");
  fill(made, "title", page.dataset.dose.replace("{number}", number));
  fill(made, "date", shownDate(dose.date));
  fill(made, "product", productOf(dose, products));
  for (const part of ["lot", "place"]) {
    if (dose[part]) fill(made, part, dose[part]);
    else made.querySelector(`[data-part=${part}]`).remove();
  }
  return made;
}

function productOf({ code, isCvx }, products) {
  const known = isCvx && products[cvxCode(code)];
  return known || page.dataset.unknownVaccine.replace("{code}", () => code || "?");
}

/** As CDC writes it, with two digits at least. */
function cvxCode(code) {
  return /^\d+$/.test(code) ? code.replace(/^0+/, "").padStart(2, "0") : code;
}

function isoDay(seconds) {
  const moment = new Date(seconds * 1000);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString().slice(0, 10);
}

/** "2021-03-18" -> "March 18, 2021", "2021-03" -> "March 2021"; what is no day stays as it is. */
function shownDate(iso) {
  const parts = iso.split("-").map(Number);
  const day = new Date(Date.UTC(parts[0], (parts[1] ?? 1) - 1, parts[2] ?? 1));
  if (!/^\d{4}/.test(iso) || !day.toISOString().startsWith(iso)) return iso;
  const shown = Object.assign({}, ...DATE_PARTS.slice(0, parts.length));
  return new Intl.DateTimeFormat(`${language}-u-nu-latn-ca-gregory`, { ...shown, timeZone: "UTC" }).format(day);
}

function copy(selector) {
  return document.querySelector(selector).content.cloneNode(true).firstElementChild;
}

function fill(element, name, text) {
  for (const place of element.querySelectorAll(`[data-fill="${name}"]`)) place.textContent = text;
}
