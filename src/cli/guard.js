// Plain JavaScript, so that even an old Node can say what is missing.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    "Footbridge needs Node 24 or newer; this is " +
      process.versions.node +
      ".\n" +
      "On Linux (x64, arm64) `npm ci` brings one along for npm's scripts: run it again without --omit=optional.\n" +
      "Elsewhere install Node 24 from https://nodejs.org and try again.",
  );
  process.exit(1);
}
