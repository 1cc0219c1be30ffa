// What a card says: whose it is and which doses. As bot/cards/facts.py.

const CVX = "http://hl7.org/fhir/sid/cvx";
const DATE = /^\d{4}(-\d\d(-\d\d)?)?/; // FHIR lets day and month be unknown, and a time follow
const WITHOUT_SPACES = /^[\u2e80-\u{10ffff}]+$/u; // Han, kana, Hangul: the family comes first

/** {name, birthDate, doses: [{code, isCvx, date, lot, place}]}, or null where it is about nobody or several people. */
export function readFacts(claims) {
  const bundle = object(object(object(claims.vc).credentialSubject).fhirBundle);
  const resources = list(bundle.entry).map((entry) => object(object(entry).resource));
  const patients = resources.filter((resource) => resource.resourceType === "Patient");
  if (bundle.resourceType !== "Bundle" || patients.length !== 1) return null;
  const name = nameOf(patients[0]);
  if (!name) return null;
  const doses = resources.filter(isDose).map(doseOf);
  return { name, birthDate: date(patients[0].birthDate), doses: doses.sort(byDate) };
}

function nameOf(patient) {
  return list(patient.name).map(object).map(written).find(Boolean) ?? "";
}

function written(name) {
  const family = text(name.family);
  const given = texts(name.given);
  if (WITHOUT_SPACES.test(family)) return [family, ...given].join("");
  return [...given, family, texts(name.suffix)[0]].filter(Boolean).join(" ") || text(name.text);
}

function isDose({ resourceType, status }) {
  return resourceType === "Immunization" && status === "completed";
}

function doseOf(resource) {
  const codings = list(object(resource.vaccineCode).coding).map(object);
  const cvx = codings.filter(({ system }) => system === CVX).flatMap(codes)[0];
  const places = list(resource.performer).map((performer) => text(object(object(performer).actor).display));
  return {
    code: cvx ?? codings.flatMap(codes)[0] ?? "",
    isCvx: cvx !== undefined,
    date: date(resource.occurrenceDateTime),
    lot: text(resource.lotNumber),
    place: places.find(Boolean) ?? "",
  };
}

function byDate(one, other) {
  return one.date < other.date ? -1 : one.date > other.date ? 1 : 0;
}

function codes({ code }) {
  return texts([code]);
}

function date(value) {
  return (typeof value === "string" && DATE.exec(value)?.[0]) || "";
}

function object(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function list(value) {
  return Array.isArray(value) ? value : [];
}

function text(value) {
  return typeof value === "string" ? value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "") : "";
}

function texts(value) {
  return list(value).map(text).filter(Boolean);
}
