// Write twotier.postman_collection.json from docs/openapi.json.
//
// Variables of the collection: baseUrl, key and secret for the mall's server, access for members.

import { readFile, writeFile } from "node:fs/promises";

import converter from "openapi-to-postmanv2";

// Runs in Postman before each request of the mall's server: see docs/signatures.md.
function sign() {
  const crypto = require("crypto-js");
  const body = pm.request.body && pm.request.body.mode === "raw" ? pm.request.body.raw || "" : "";
  const raw = pm.variables.replaceIn(body);
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const nonce = crypto.lib.WordArray.random(12).toString();
  const path = decodeURIComponent(pm.variables.replaceIn(pm.request.url.getPath()));
  const query = pm.variables.replaceIn(pm.request.url.getQueryString());
  const target = path + (query ? `?${query}` : "");
  const hash = crypto.SHA256(raw).toString();
  const text = ["v1", timestamp, nonce, pm.request.method, target, hash].join("\n");
  const signature = crypto.HmacSHA256(text, pm.variables.get("secret")).toString();
  const headers = {
    "X-Twotier-Key": pm.variables.get("key"),
    "X-Twotier-Timestamp": timestamp,
    "X-Twotier-Nonce": nonce,
    "X-Twotier-Signature": `v1=${signature}`,
  };
  for (const [key, value] of Object.entries(headers)) pm.request.headers.upsert({ key, value });
}

const SIGNATURE = { listen: "prerequest", script: { exec: bodyOf(sign), type: "text/javascript" } };
const OPTIONS = { folderStrategy: "Tags", requestNameSource: "Fallback", includeDeprecated: false };

function bodyOf(script) {
  return script.toString().split("\n").slice(1, -1);
}

function convert(data) {
  return new Promise((resolve, reject) =>
    converter.convertV2({ type: "string", data }, OPTIONS, (error, result) => {
      if (error || !result.result) reject(error ?? new Error(result.reason));
      else resolve(result.output[0].data);
    }),
  );
}

function* requestsIn(items) {
  for (const item of items) {
    if (item.item) yield* requestsIn(item.item);
    else yield item;
  }
}

const collection = await convert(await readFile("../docs/openapi.json", "utf-8"));
for (const item of requestsIn(collection.item)) {
  for (const row of item.request.url.query) {
    row.disabled = !row.description.content.startsWith("(Required)");
  }
  if (!item.request.url.path.includes("integration")) continue;
  item.event = [...(item.event ?? []), SIGNATURE];
  item.request.auth = { type: "noauth" };
  item.request.header = item.request.header.filter((row) => !row.key.startsWith("X-Twotier-"));
}
collection.auth = { type: "bearer", bearer: [{ key: "token", value: "{{access}}" }] };
collection.variable = [
  { key: "baseUrl", value: "http://127.0.0.1:8000" },
  ...["key", "secret", "access"].map((key) => ({ key, value: "" })),
];
await writeFile("twotier.postman_collection.json", JSON.stringify(collection, null, 2));
