// The libraries that Bitcoin wallets use, as an oracle: derives keys, builds and hashes the transactions of stdin (a
// JSON list), reads others, and hashes messages. One answer for each entry, in order.
import { readFileSync } from "node:fs";
import * as ecc from "@bitcoinerlab/secp256k1";
import { BIP32Factory } from "bip32";
import { address, crypto, initEccLib, networks, opcodes, payments, script, Transaction } from "bitcoinjs-lib";
import { encode } from "varuint-bitcoin";

initEccLib(ecc);
const bip32 = BIP32Factory(ecc);
const hex = (bytes) => Buffer.from(bytes).toString("hex");

const made = new Map();

// Point additions are the dear part of all this, and wallets use their keys again.
function once(make, ...parts) {
  const name = make.name + parts.join("/");
  if (!made.has(name)) made.set(name, make(...parts));
  return made.get(name);
}

function node(root, path) {
  return path.length ? once(node, root, path.slice(0, -1)).derive(path.at(-1)) : bip32.fromBase58(root);
}

function payment(root, path, kind, tweaked) {
  const pubkey = once(node, root, path).publicKey;
  if (kind === "p2pkh") return payments.p2pkh({ pubkey });
  if (kind === "p2wpkh") return payments.p2wpkh({ pubkey });
  if (kind === "p2sh_p2wpkh") return payments.p2sh({ redeem: payments.p2wpkh({ pubkey }) });
  const key = pubkey.subarray(1);
  return tweaked ? payments.p2tr({ internalPubkey: key }) : payments.p2tr({ pubkey: key });
}

function digest(tx, index, spent, kind, sighash) {
  const { output, redeem, hash } = spent[index].payment;
  if (kind === "p2tr") {
    const scripts = spent.map((one) => one.payment.output), values = spent.map((one) => BigInt(one.value));
    return tx.hashForWitnessV1(index, scripts, values, sighash);
  }
  if (kind === "p2pkh") return tx.hashForSignature(index, output, sighash);
  const keyHash = kind === "p2wpkh" ? hash : redeem.hash;
  const code = payments.p2pkh({ hash: keyHash }).output;
  return tx.hashForWitnessV0(index, code, BigInt(spent[index].value), sighash);
}

function build(one) {
  const tx = new Transaction();
  tx.version = one.version;
  tx.locktime = one.lockTime;
  const spent = one.inputs.map((input) => ({ ...input, payment: once(payment, one.root, input.path, input.kind, one.tweaked) }));
  for (const input of spent) tx.addInput(Buffer.from(input.txid, "hex").reverse(), input.vout, input.sequence);
  const outputs = [...one.payments];
  const change = one.change ? once(payment, one.root, one.change.path, one.change.kind, one.tweaked) : null;
  if (change) outputs.splice(one.change.place, 0, { address: change.address, value: one.change.value });
  for (const output of outputs) tx.addOutput(address.toOutputScript(output.address, networks.bitcoin), BigInt(output.value));
  return {
    raw: tx.toHex(),
    change: change && change.address,
    addresses: spent.map((input) => input.payment.address),
    redeem: spent.map((input) => (input.kind === "p2sh_p2wpkh" ? hex(input.payment.redeem.output) : null)),
    digests: spent.map((input, index) => hex(digest(tx, index, spent, input.kind, one.sighash))),
  };
}

function bip137(message) {
  const prefix = Buffer.from("\x18Bitcoin Signed Message:\n");
  return hex(crypto.hash256(Buffer.concat([prefix, encode(message.length).buffer, message])));
}

// The two virtual transactions, made like any other.
function bip322(message, one) {
  const paid = payment(one.root, one.path, one.kind, one.tweaked);
  const tag = crypto.sha256(Buffer.from("BIP0322-signed-message"));
  const toSpend = new Transaction(), toSign = new Transaction();
  toSpend.version = toSign.version = 0;
  const pushed = script.compile([opcodes.OP_0, crypto.sha256(Buffer.concat([tag, tag, message]))]);
  toSpend.addInput(Buffer.alloc(32), 0xffffffff, 0, pushed);
  toSpend.addOutput(paid.output, 0n);
  toSign.addInput(toSpend.getHash(), 0, 0);
  toSign.addOutput(script.compile([opcodes.OP_RETURN]), 0n);
  const sighashes = one.kind === "p2tr" ? [0x00, 0x01] : [0x01];
  const digests = sighashes.map((sighash) => hex(digest(toSign, 0, [{ payment: paid, value: 0 }], one.kind, sighash)));
  return { address: paid.address, digests };
}

function signed(one) {
  const message = Buffer.from(one.message, "hex");
  return { bip137: bip137(message), bip322: bip322(message, one) };
}

function read(text) {
  try {
    const tx = Transaction.fromHex(text);
    return { canonical: tx.toHex() === text, signed: tx.ins.some((input) => input.script.length || input.witness.length) };
  } catch (error) {
    return { canonical: false };
  }
}

// By how an address begins, and whether BIP-341's tweak is in it.
const KINDS = [["bc1q", "p2wpkh"], ["3", "p2sh_p2wpkh"], ["1", "p2pkh"], ["bc1p", "p2tr", true], ["bc1p", "p2tr", false]];

// What a transaction pays, and for each input the path of the key that its declared output (by outpoint) pays, and every
// digest that commits to the whole transaction. Refused where a declared output is of none of the request's keys.
function judge(one) {
  try {
    const tx = Transaction.fromHex(one.judge);
    const spent = tx.ins.map((input) => {
      const txid = hex(Buffer.from(input.hash).reverse());
      const utxo = one.utxos.find((each) => each.txid === txid && each.vout === input.index);
      const kinds = KINDS.filter(([start]) => utxo.address.startsWith(start));
      const own = one.paths
        .flatMap((path) => kinds.map(([, kind, tweaked]) => ({ path, kind, payment: once(payment, one.root, path, kind, tweaked) })))
        .find((each) => each.payment.address === utxo.address);
      return { ...own, value: utxo.value };
    });
    return {
      ...read(one.judge),
      outputs: tx.outs.map((output) => [text(output.script), String(output.value)]),
      paths: spent.map(({ path }) => path),
      digests: spent.map(({ kind }, index) =>
        (kind === "p2tr" ? [0, 1] : [1]).map((sighash) => hex(digest(tx, index, spent, kind, sighash)))),
    };
  } catch (error) {
    return { refused: String(error.message ?? error) };
  }
}

function text(script) {
  try {
    return address.fromOutputScript(script, networks.bitcoin);
  } catch {
    return null;
  }
}

function answer(one) {
  if ("judge" in one) return judge(one);
  if ("message" in one) return signed(one);
  return "read" in one ? read(one.read) : build(one);
}

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(answer)));
