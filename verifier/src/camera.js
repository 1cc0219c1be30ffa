// The camera: looks until it has read one code, then lets go. Nothing of what it sees is kept.

import { codeInFrame } from "./reading.js";

const PAUSE = 60; // milliseconds between two looks, so that the page stays alive
const WANTED = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };

let turn = 0; // counts starts and stops: who was overtaken by another gives up

/** The text of the first code; null if it was stopped before. Throws the name of the result that says why not. */
export async function readByCamera(video) {
  const mine = ++turn;
  const stream = await open();
  try {
    video.srcObject = stream;
    await video.play().catch(() => {}); // it was stopped meanwhile
    return await look(video, () => turn === mine && stream.active);
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    if (video.srcObject === stream) video.srcObject = null;
  }
}

export function stopCamera() {
  turn += 1;
}

async function open() {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: WANTED, audio: false });
  } catch (error) {
    throw error.name === "NotAllowedError" ? "camera_refused" : "no_camera";
  }
}

async function look(video, goesOn) {
  while (goesOn()) {
    const code = codeInFrame(video);
    if (code !== null) return code;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return null;
}
