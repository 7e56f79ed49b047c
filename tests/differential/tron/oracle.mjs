// The library that TRON wallets use, as an oracle: builds the payments and calls of stdin (a JSON list) and reads
// transactions.
// One answer for each entry, in order: {raw, hash} or, for {read: hex, type}, what tronweb says about those bytes.
import { readFileSync } from "node:fs";
import { TronWeb, utils } from "tronweb";

const hex = (address) => TronWeb.address.toHex(address);

function contract(one) {
  if (!one.contract) {
    return {
      type: "TransferContract",
      parameter: {
        type_url: "type.googleapis.com/protocol.TransferContract",
        value: { owner_address: hex(one.owner), to_address: hex(one.to), amount: one.amount },
      },
    };
  }
  const parameters = utils.abi.encodeParams(["address", "uint256"], [one.to, one.amount]).replace(/^0x/, "");
  return {
    type: "TriggerSmartContract",
    parameter: {
      type_url: "type.googleapis.com/protocol.TriggerSmartContract",
      value: { owner_address: hex(one.owner), contract_address: hex(one.contract), data: "a9059cbb" + parameters },
    },
  };
}

function build(one) {
  const raw_data = {
    contract: [contract(one)],
    ref_block_bytes: one.ref_block_bytes,
    ref_block_hash: one.ref_block_hash,
    expiration: one.expiration,
    timestamp: one.timestamp,
  };
  if (one.fee_limit) raw_data.fee_limit = one.fee_limit;
  if (one.memo) raw_data.data = Buffer.from(one.memo, "utf8").toString("hex");
  const message = utils.transaction.txJsonToPb({ raw_data });
  return { raw: utils.transaction.txPbToRawDataHex(message), hash: utils.transaction.txPbToTxID(message) };
}

// A declared text as an address, if the library takes it for one.
function address(text) {
  return TronWeb.isAddress(text) ? hex(text) : null;
}

// With txLocal and a block header nothing is asked of a network.
const tronWeb = new TronWeb({ fullHost: "http://127.0.0.1:9" });

async function call(one) {
  const { call: signature, parameters, call_value, fee_limit, ...blockHeader } = one;
  const options = { txLocal: true, feeLimit: fee_limit, callValue: call_value, blockHeader };
  const made = await tronWeb.transactionBuilder.triggerSmartContract(
    one.contract, signature, options, parameters, one.owner);
  const { raw_data_hex, txID, raw_data } = made.transaction;
  return { raw: raw_data_hex, hash: "0x" + txID, data: raw_data.contract[0].parameter.value.data };
}

function read(one) {
  try {
    const raw_data = utils.deserializeTx.deserializeTransaction(one.type, one.read);
    const again = utils.transaction.txPbToRawDataHex(utils.transaction.txJsonToPb({ raw_data }));
    const { parameter, Permission_id } = raw_data.contract[0];
    const { value } = parameter;
    return {
      canonical: again.toLowerCase() === one.read.toLowerCase(),
      contracts: raw_data.contract.length,
      permission: Permission_id ?? 0,
      owner: value.owner_address,
      to: value.to_address ?? value.contract_address,
      amount: String(value.amount ?? ""),
      data: value.data ?? "",
      memo: raw_data.data ?? "",
      // What may go along with a call.
      value: String(value.call_value ?? 0),
      token: String(value.call_token_value ?? 0) + "/" + String(value.token_id ?? 0),
      declared: address(one.address),
    };
  } catch (error) {
    return { refused: String(error.message ?? error) };
  }
}

function answer(one) {
  if (one.read !== undefined) return read(one);
  return one.call === undefined ? build(one) : call(one);
}

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await Promise.all(cases.map(answer))));
