// Reads QR codes from a frame of the camera or from a picture.

import { decodeQR, decodeQRBatch } from "qr/decode.js";

import { isCode } from "./given.js";

const FRAME_SCALES = [1, 1.5, 2]; // one after the other: what one misses, another reads in the next frame
const PICTURE_SIDES = [1600, 2250, 1200, 3000, 900]; // pixels of the longer side; less noise, or more detail
const SMALL = 1100; // pixels; a small picture of a code is also read enlarged
const MOST_PIXELS = 9_000_000;
const PATIENCE = { effort: 8, timeLimit: 400 }; // milliseconds for one size of a picture

const canvas = document.createElement("canvas");
const paper = canvas.getContext("2d", { willReadFrequently: true });
let frames = 0;

/** The text of the QR code in front of the camera, or null. */
export function codeInFrame(video) {
  if (!video.videoWidth) return null;
  const scale = FRAME_SCALES[frames++ % FRAME_SCALES.length];
  const pixels = draw(video, video.videoWidth, video.videoHeight, scale);
  try {
    return pixels && decodeQR(pixels);
  } catch {
    return null;
  }
}

/** The text of the QR code in a picture file, a health card's before others; null where there is none. */
export async function codeInPicture(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return null; // broken, or a kind that this browser does not know
  }
  try {
    return await firstCode(picture);
  } finally {
    picture.close();
    canvas.width = canvas.height = 0; // nothing of it is kept
  }
}

async function firstCode(picture) {
  for (const scale of scales(Math.max(picture.width, picture.height))) {
    const pixels = draw(picture, picture.width, picture.height, scale);
    const [found] = pixels ? await decodeQRBatch([pixels], PATIENCE) : [[]];
    const texts = found.filter((text) => typeof text === "string");
    if (texts.length) return texts.find(isCode) ?? texts[0];
  }
  return null;
}

function scales(side) {
  if (side <= SMALL) return [1, 2, 1.5];
  const smaller = PICTURE_SIDES.filter((target) => target < side).map((target) => target / side);
  return side <= PICTURE_SIDES[0] ? [1, ...smaller, 1.5] : [...smaller, 1];
}

function draw(source, width, height, scale) {
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (!wide || !high || wide * high > MOST_PIXELS) return null;
  canvas.width = wide;
  canvas.height = high;
  paper.fillStyle = "#fff"; // behind a picture that lets it shine through
  paper.fillRect(0, 0, wide, high);
  paper.imageSmoothingQuality = "high";
  paper.drawImage(source, 0, 0, wide, high);
  return paper.getImageData(0, 0, wide, high);
}
