// Bundles the page's program into the file that is named. The same sources make the same bytes.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const { version } = JSON.parse(readFileSync(`${here}node_modules/qr/package.json`, "utf8"));
const licence = readFileSync(`${here}node_modules/qr/LICENSE-MIT`, "utf8").trim();

await build({
  absWorkingDir: here,
  entryPoints: ["src/page.js"],
  outfile: resolve(process.argv[2]),
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
  banner: { js: `/*! Made from verifier/ by "make verifier": do not edit. Holds qr ${version}:\n\n${licence}\n*/` },
  logLevel: "warning",
});
