// The phones on the test page: each texts the real webhook; what is sent later comes by asking every second.
"use strict";

const EVERY = 1000; // milliseconds between looks for new messages
const LINK = /https?:\/\/[^\s]+[^\s.,;:!?)]/g;

const phones = document.getElementById("phones");
const mailbox = document.getElementById("mailbox");
const people = [...document.querySelectorAll("[data-person]")];
let active = null; // the phone that was used last
let underWay = 0; // texts that are not yet answered

// A phone

function addPhone() {
  const phone = document.getElementById("phone").content.cloneNode(true).firstElementChild;
  phones.append(phone);
  phone.waiting = Promise.resolve();
  phone.events = []; // what was texted and sent since this number is its own
  phone.addEventListener("focusin", () => use(phone));
  phone.querySelector("[data-number]").addEventListener("change", () => changeNumber(phone));
  phone.querySelector("[data-send]").addEventListener("submit", (event) => submit(phone, event));
  phone.querySelector("[data-save]").addEventListener("click", () => save(phone));
  const taken = numbers();
  lend(phone, people.find((person) => !taken.includes(person.dataset.number)) ?? people[0]);
  return phone;
}

function numbers() {
  return [...phones.querySelectorAll("[data-number]")].map((field) => field.value);
}

function numberOf(phone) {
  return phone.querySelector("[data-number]").value;
}

function use(phone) {
  active = phone;
  for (const other of phones.children) other.toggleAttribute("data-active", other === phone);
  for (const person of people) person.ariaPressed = String(person.dataset.person === phone.dataset.personKey);
}

// Whose phone it is

function lend(phone, person) {
  phone.querySelector("[data-number]").value = person.dataset.number;
  phone.dataset.personKey = person.dataset.person;
  showAnswers(phone, person.dataset);
  handOver(phone, person.dataset.name);
}

function changeNumber(phone) {
  const field = phone.querySelector("[data-number]");
  const typed = field.value.replace(/[\s().-]/g, "");
  field.value = /^\d{10}$/.test(typed) ? `+1${typed}` : typed;
  delete phone.dataset.personKey;
  phone.querySelector("[data-answers]").replaceChildren();
  handOver(phone, "Somebody");
}

function handOver(phone, owner) {
  phone.setAttribute("aria-label", `Phone of ${owner}`);
  if (phone.dataset.eventsOf !== numberOf(phone)) phone.events = [];
  phone.dataset.eventsOf = numberOf(phone);
  phone.querySelector("[data-owner]").textContent = `${owner} texts ${phones.dataset.service}`;
  note(phone, `This is now ${numberOf(phone)}`, "owner");
  use(phone);
}

function showAnswers(phone, { first, last, born, contact }) {
  const answers = [["", "Hi"], ["first", first], ["last", last], ["born", born], ["contact", contact]];
  const chips = answers.map(([what, answer]) => chip(phone, what, answer));
  phone.querySelector("[data-answers]").replaceChildren(...chips);
}

function chip(phone, what, answer) {
  const made = element("button", "", answer);
  made.type = "button";
  if (what) made.prepend(element("small", "", what), " ");
  made.addEventListener("click", () => {
    const body = phone.querySelector("[data-body]");
    body.value = answer;
    body.focus();
  });
  return made;
}

// Texting

function submit(phone, event) {
  event.preventDefault();
  const field = phone.querySelector("[data-body]");
  const body = field.value.trim();
  if (!body) return;
  field.value = "";
  bubble(phone, "mine").append(body);
  underWay += 1;
  // One after the other, as a phone sends them: two requests at once could overtake each other.
  phone.waiting = phone.waiting.then(() => send(phone, numberOf(phone), body)).finally(() => { underWay -= 1; });
}

async function send(phone, from, body) {
  try {
    const { reply, segments, at } = await ask("phone/text", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ from, body }),
    });
    if (from === phone.dataset.eventsOf) phone.events.push({ at, body, reply });
    if (reply === null) note(phone, "(silence)", "silence");
    else arrive(phone, { body: reply, segments });
  } catch (error) {
    note(phone, inWords(error, from), "problem");
  }
}

async function ask(address, options) {
  const answer = await fetch(address, options);
  if (!answer.ok) throw Object.assign(new Error(), { status: answer.status });
  return answer.json();
}

function inWords({ status }, from) {
  if (status === 400) return `Not sent: “${from}” is not a phone number. Write it like +13605550100.`;
  if (status) return `Not sent: the server had a problem (${status}). Its log says more.`;
  return "Not sent: the server does not answer. Is it running?";
}

// Saving

async function save(phone) {
  const from = numberOf(phone);
  const { events, dataset: { personKey: person } } = phone;
  try {
    const answer = await fetch("phone/transcript", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ from, person, events }),
    });
    if (!answer.ok) throw Object.assign(new Error(), { status: answer.status });
    download(await answer.blob(), `${person ?? "somebody"}.chat`);
  } catch ({ status }) {
    note(phone, whyNotSaved(status), "problem");
  }
}

function whyNotSaved(status) {
  if (status === 409) return "Not saved: this conversation began before you took the phone. Text STOP, then Hi, and have it again.";
  if (status) return `Not saved: the server had a problem (${status}). Its log says more.`;
  return "Not saved: the server does not answer. Is it running?";
}

function download(blob, name) {
  const address = URL.createObjectURL(blob);
  const made = link(address, name);
  made.download = name;
  made.click();
  setTimeout(() => { URL.revokeObjectURL(address); }, EVERY);
}

// What comes later

async function listen() {
  let after = null;
  for (;;) {
    try {
      after = await look(after);
      document.body.toggleAttribute("data-offline", false);
    } catch {
      document.body.toggleAttribute("data-offline", true);
    }
    document.body.toggleAttribute("data-listening", after !== null);
    await new Promise((done) => { setTimeout(done, EVERY); });
  }
}

async function look(after) {
  if (underWay && after !== null) return after; // the answer to a text is shown before what was sent because of it
  const news = await ask(`phone/messages?after=${after ?? 0}`);
  if (after !== null) news.messages.forEach(deliver); // at first only count: old messages are not ours
  return news.after;
}

function deliver(message) {
  // Every phone keeps it: the server knows whose conversation led to it.
  const { at, to: contact, body } = message;
  for (const phone of phones.children) phone.events.push({ at, to: contact, body });
  const to = [...phones.children].filter((phone) => numberOf(phone) === message.to);
  for (const phone of to) arrive(phone, message);
  if (!to.length) post(message);
}

// Showing

function arrive(phone, message) {
  const text = bubble(phone, "theirs");
  fill(text, message);
  const cost = message.media_url ? "picture message" : `${message.segments} segment${message.segments === 1 ? "" : "s"}`;
  add(phone, element("p", "segments", cost));
}

function post(message) {
  const item = element("div", "letter");
  item.dataset.to = message.to;
  item.append(element("p", "to", `To ${message.to}`));
  const text = element("p", "");
  fill(text, message);
  item.append(text);
  mailbox.prepend(item);
}

function bubble(phone, whose) {
  const text = element("div", `text ${whose}`);
  add(phone, text);
  return text;
}

function note(phone, words, kind) {
  add(phone, element("p", `note ${kind}`, words));
}

function add(phone, item) {
  const texts = phone.querySelector("[data-texts]");
  texts.append(item);
  texts.scrollTop = texts.scrollHeight;
}

function fill(box, { body, media_url: picture }) {
  let shown = 0;
  for (const { 0: address, index } of body.matchAll(LINK)) {
    box.append(body.slice(shown, index), link(address, address));
    shown = index + address.length;
  }
  box.append(body.slice(shown));
  if (picture) box.append(pictureLink(picture));
}

function pictureLink(address) {
  const image = element("img", "");
  image.alt = "Picture message";
  image.width = image.height = 791; // its place is kept, so the last text stays in sight while it loads
  // By its path: the page may be open under another name of this server than PUBLIC_URL.
  image.src = new URL(address, location.href).pathname;
  const around = link(address, "");
  around.append(image);
  return around;
}

function link(address, words) {
  const made = element("a", "", words);
  made.href = address;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

function element(name, kind, words = "") {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = words;
  return made;
}

// The page

for (const person of people) {
  person.addEventListener("click", () => {
    lend(active, person);
    active.querySelector("[data-body]").focus();
  });
}
document.getElementById("another").addEventListener("click", () => addPhone().querySelector("[data-body]").focus());
addPhone();
listen();
