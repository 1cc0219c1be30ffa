// The page /verify: what people press, and what follows. Nothing of a card leaves this page or outlives it.

import { readByCamera, stopCamera } from "./camera.js";
import { checkCard } from "./checking.js";
import { NotACard, cardsIn } from "./given.js";
import { lists } from "./lists.js";
import { codeInPicture } from "./reading.js";
import { clear, show } from "./showing.js";

const LARGEST_PICTURE = 30_000_000; // bytes
const LARGEST_TEXT = 1_000_000;
const $ = (id) => document.getElementById(id);
let byCamera = false; // whether the last card came this way, and the next will

/** Says what becomes of a text. */
async function check(text) {
  try {
    const cards = cardsIn(text);
    const known = await lists().catch(() => null);
    if (!known) return tell("not_connected");
    const now = Date.now() / 1000;
    const checked = await Promise.all(cards.map((card) => checkCard(card, known.issuers, now)));
    ask(checked.every(({ verdict }) => verdict === "damaged")); // what is no whole card is shown once more
    return show(checked, known.products);
  } catch (error) {
    return tell(error instanceof NotACard ? error.kind : "damaged");
  }
}

function tell(result) {
  ask(true);
  show([{ verdict: result }], {});
}

function ask(asking) {
  $("ask").hidden = !asking;
  $("next").hidden = asking;
}

async function useCamera() {
  clear();
  viewing(true);
  try {
    const code = await readByCamera($("video"));
    viewing(false);
    byCamera = code !== null;
    if (byCamera) await check(code);
  } catch (why) {
    viewing(false);
    tell(typeof why === "string" ? why : "no_camera");
  }
}

/** One button takes the place of the other, and the focus with it. */
function viewing(on) {
  const focused = document.activeElement === $(on ? "camera" : "stop");
  $("viewer").hidden = $("stop").hidden = !on;
  $("camera").hidden = on;
  if (focused) $(on ? "stop" : "camera").focus();
}

async function useFile() {
  const [file] = $("file").files;
  $("file").value = "";
  if (!file) return;
  stopCamera();
  byCamera = false;
  $("ask").ariaBusy = "true"; // a large picture takes a second or two
  try {
    await check(await textOf(file));
  } catch (error) {
    tell(error instanceof NotACard ? error.kind : "unreadable");
  } finally {
    $("ask").ariaBusy = "false";
  }
}

/** What the code in a picture says, or the file itself. Throws NotACard, or what the browser throws. */
async function textOf(file) {
  if (!file.size) throw new NotACard("empty");
  if ((await file.slice(0, 5).text()) === "%PDF-") throw new NotACard("pdf"); // of any size
  const picture = await isPicture(file);
  if (file.size > (picture ? LARGEST_PICTURE : LARGEST_TEXT)) throw new NotACard("too_large");
  const text = picture ? await codeInPicture(file) : await file.text();
  if (text === null) throw new NotACard("unreadable");
  return text;
}

/** By how it begins, too: phones give files many types and names. */
async function isPicture(file) {
  const [first] = new Uint8Array(await file.slice(0, 1).arrayBuffer());
  return file.type.startsWith("image/") || first === 0x89 || first === 0xff; // PNG, JPEG
}

function usePaste(event) {
  event.preventDefault();
  const text = $("text").value;
  $("text").value = "";
  byCamera = false;
  stopCamera();
  check(text);
}

function next() {
  clear();
  ask(true);
  if (byCamera) useCamera();
  else $("camera").focus();
}

function canCheck() {
  try {
    return isSecureContext && Boolean(crypto.subtle && createImageBitmap && new DecompressionStream("deflate-raw"));
  } catch {
    return false;
  }
}

function begin() {
  $("no-program").remove();
  if (!canCheck()) return tell("too_old");
  $("camera").addEventListener("click", useCamera);
  $("stop").addEventListener("click", stopCamera);
  $("file").addEventListener("change", useFile);
  $("paste").addEventListener("submit", usePaste);
  $("next").addEventListener("click", next);
  document.addEventListener("visibilitychange", () => document.hidden && stopCamera());
  addEventListener("pagehide", () => (stopCamera(), clear(), ask(true)));
  $("ways").hidden = false;
  return lists().catch(() => tell("not_connected"));
}

begin();
