// The library that EVM wallets use, as an oracle. Each line of stdin is a question, each line of stdout its answer:
//   {ask: "build", ...}   an unsigned transaction of the wallet's wishes: raw, hash, texts for its declaration
//   {ask: "read", raw}    what ethers reads in bytes, and whether it would write the same bytes
//   {ask: "units", amount, decimals}   declared text in base units
//   {ask: "address", address}          declared text as an address
//   {ask: "personal", message}         the digest of EIP-191
//   {ask: "typed", data}               the digest of EIP-712, its two halves, and the digest as a whole
import { readFileSync } from "node:fs";
import {
  Interface,
  Transaction,
  TypedDataEncoder,
  concat,
  encodeRlp,
  formatUnits,
  getAddress,
  hashMessage,
  hexlify,
  keccak256,
  parseUnits,
  toBeArray,
} from "ethers";

const ERC20 = new Interface(["function transfer(address,uint256)", "function approve(address,uint256)"]);

function build(wish) {
  const data = wish.call ? ERC20.encodeFunctionData(wish.call.name, [wish.call.to, wish.call.amount]) : wish.data;
  const transaction = Transaction.from({ ...wish.transaction, data });
  return {
    raw: transaction.unsignedSerialized,
    hash: transaction.unsignedHash,
    fee: fee(transaction),
    data: transaction.data,
    amount: formatUnits(wish.amount, wish.decimals),
    address: wish.to === null ? null : getAddress(wish.to),
  };
}

function fee(transaction) {
  return String(transaction.gasLimit * (transaction.maxFeePerGas ?? transaction.gasPrice));
}

// As ethers serializes, but without its check that the priority fee is below the highest fee: that says whether a
// transaction is of any use, not what its bytes mean.
function written(one) {
  const whole = (value) => hexlify(toBeArray(value));
  const entries = (one.accessList ?? []).map((entry) => [entry.address, entry.storageKeys]);
  const payment = [one.gasLimit, one.to ?? "0x", one.value, one.data];
  const body = payment.map((value) => (typeof value === "bigint" ? whole(value) : value));
  const [network, nonce] = [whole(one.chainId), whole(one.nonce)];
  if (one.type === 0) return encodeRlp([nonce, whole(one.gasPrice), ...body, network, "0x", "0x"]);
  if (one.type === 1) return concat(["0x01", encodeRlp([network, nonce, whole(one.gasPrice), ...body, entries])]);
  const prices = [whole(one.maxPriorityFeePerGas), whole(one.maxFeePerGas)];
  if (one.type === 2) return concat(["0x02", encodeRlp([network, nonce, ...prices, ...body, entries])]);
  return one.unsignedSerialized;
}

function read({ raw }) {
  const one = Transaction.from(raw);
  return {
    canonical: !one.isSigned() && written(one).toLowerCase() === raw.toLowerCase(),
    hash: keccak256(raw),
    type: one.type,
    network: String(one.chainId),
    nonce: String(one.nonce),
    to: one.to,
    value: String(one.value),
    data: one.data,
    call: call(one.data),
    entries: one.accessList?.length ?? 0,
    fee: fee(one),
  };
}

function call(data) {
  const found = ERC20.parseTransaction({ data });
  if (found === null) return null;
  const [to, amount] = found.args;
  const exact = ERC20.encodeFunctionData(found.name, [to, amount]) === data;
  return { name: found.name, to, amount: String(amount), exact };
}

// By its parts, because as a whole ethers guesses the primary type and puts the domain's members in their usual order;
// what is signed is what the types say. `whole` is what ethers says without being told either.
function typed({ data }) {
  const { EIP712Domain, ...types } = data.types;
  const used = {};
  const domain = TypedDataEncoder.hashStruct("EIP712Domain", { EIP712Domain }, data.domain);
  reach(types, data.primaryType, used);
  const struct = TypedDataEncoder.hashStruct(data.primaryType, used, data.message);
  const digest = keccak256(concat(["0x1901", domain, struct]));
  return { digest, domain, struct, whole: TypedDataEncoder.hash(data.domain, used, data.message) };
}

function reach(types, name, used) {
  if (!(name in types) || name in used) return;
  used[name] = types[name];
  for (const member of types[name]) reach(types, member.type.replace(/\[.*$/, ""), used);
}

const answers = {
  build,
  read,
  typed,
  units: ({ amount, decimals }) => ({ units: String(parseUnits(amount, decimals)) }),
  address: ({ address }) => ({ address: getAddress(address) }),
  personal: ({ message }) => ({ digest: hashMessage(Buffer.from(message, "hex")) }),
};

function answer(question) {
  try {
    return answers[question.ask](question);
  } catch (error) {
    return { refused: String(error.shortMessage ?? error.message ?? error) };
  }
}

const questions = readFileSync(0, "utf8").split("\n").filter(Boolean);
process.stdout.write(questions.map((line) => JSON.stringify(answer(JSON.parse(line))) + "\n").join(""));
