#!/usr/bin/env node
// A mall's first hour: sign a request, send an order, see who earns, receive a webhook.
//
// Needs Node 18 or newer alone and a client:
//
//     ./manage.py api_client "My mall"          # prints KEY=… and SECRET=…
//     TWOTIER_URL=http://127.0.0.1:8000 KEY=… SECRET=… node docs/quickstart.mjs
//
// The webhook is sent to this process: Twotier needs WEBHOOK_ALLOW_LOOPBACK=yes and a plan, as
// ./run demo has.

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const { TWOTIER_URL = "http://127.0.0.1:8000", KEY, SECRET } = process.env;
const run = randomBytes(4).toString("hex"); // so that every run has an order of its own

// Send a signed request; return the answer. Sign the bytes that are sent.
async function call(method, path, body) {
  const raw = body === undefined ? "" : JSON.stringify(body);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomBytes(12).toString("hex");
  const target = `/api/v1/integration${path}`;
  const hash = createHash("sha256").update(raw).digest("hex");
  const text = ["v1", timestamp, nonce, method, target, hash].join("\n");
  const response = await fetch(TWOTIER_URL + target, {
    method,
    body: raw || undefined,
    headers: {
      "Content-Type": "application/json",
      "X-Twotier-Key": KEY,
      "X-Twotier-Timestamp": timestamp,
      "X-Twotier-Nonce": nonce,
      "X-Twotier-Signature": `v1=${createHmac("sha256", SECRET).update(text).digest("hex")}`,
    },
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${method} ${target}: ${answer}`);
  return answer ? JSON.parse(answer) : null;
}

// Verify the signature; the package standardwebhooks checks the time, too.
function isGenuine(headers, body, secret) {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const expected = createHmac("sha256", key).update(signed).digest();
  return headers["webhook-signature"].split(" ").some((text) => {
    const given = Buffer.from(text.split(",")[1] ?? "", "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// Answers at once, and hands each webhook over to be verified.
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  response.writeHead(204).end();
  server.emit("webhook", request.headers, Buffer.concat(chunks).toString());
});
await once(server.listen(0, "127.0.0.1"), "listening");
const webhook = once(server, "webhook", { signal: AbortSignal.timeout(60_000) });
webhook.catch(() => {}); // told below
const url = `http://127.0.0.1:${server.address().port}/hook`;
const endpoint = await call("POST", "/webhooks", { url });
console.log("1. The signature is accepted, and an endpoint for webhooks is open.");
await call("POST", "/products:batch", {
  products: [{ sku: "quickstart", name: "Mask", category: "beauty", price: 10_990 }],
});
await call("PUT", `/members/lan-${run}`, { nickname: "Lan", distributor: true });
await call("PUT", `/members/bo-${run}`, { nickname: "Bo", referrer: `lan-${run}` });
const now = new Date().toISOString();
const line = { line_no: 1, sku: "quickstart", quantity: 1, unit_price: 10_990 };
const order = { order_no: `Q-${run}`, buyer: `bo-${run}`, placed_at: now, paid_at: now };
const { results } = await call("POST", "/orders:batch", { orders: [{ ...order, lines: [line] }] });
console.log(`2. Order Q-${run} is ${results[0].status}.`, results[0].problem ?? "");
const { lines } = await call("GET", `/orders/Q-${run}/commissions`);
console.log("3. Who earns, in fen:", JSON.stringify(lines[0].tiers));
let genuine = false;
try {
  const [headers, body] = await webhook;
  genuine = isGenuine(headers, body, endpoint.secret);
  console.log("4. A webhook arrived:", JSON.parse(body).type, genuine ? "(genuine)" : "(FORGED)");
} catch {
  console.log("4. No webhook within 60 s: do worker and beat run, with WEBHOOK_ALLOW_LOOPBACK=yes?");
} finally {
  await call("POST", `/webhooks/${endpoint.id}/remove`, {});
  server.close();
}
process.exitCode = results[0].status === "created" && lines[0].tiers.length && genuine ? 0 : 1;
