// The libraries that Solana wallets use, as an oracle: builds the payments and instructions of stdin (a JSON list) and
// reads messages. One answer for each entry, in order: {message: hex, accounts: {source, destination}} or, for {read: hex}, what
// web3.js and spl-token say about it.
import { readFileSync } from "node:fs";
import {
  ComputeBudgetProgram, PublicKey, SystemInstruction, SystemProgram, Transaction,
  TransactionInstruction, TransactionMessage, VersionedMessage,
} from "@solana/web3.js";
import {
  createAssociatedTokenAccountIdempotentInstruction, createAssociatedTokenAccountInstruction,
  createTransferCheckedInstruction, createTransferInstruction, decodeInstruction, getAssociatedTokenAddressSync,
  TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID,
} from "@solana/spl-token";

const MEMO = new PublicKey("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
const key = (text) => new PublicKey(text);
const account = (mint, owner, program) => getAssociatedTokenAddressSync(mint, owner, true, program);

function payment(one, accounts) {
  const signer = key(one.signer), to = key(one.to), amount = BigInt(one.amount);
  if (!one.mint) return [SystemProgram.transfer({ fromPubkey: signer, toPubkey: to, lamports: amount })];
  const mint = key(one.mint), program = one.token2022 ? TOKEN_2022_PROGRAM_ID : TOKEN_PROGRAM_ID;
  const source = account(mint, signer, program), destination = account(mint, to, program);
  accounts.source = source.toBase58();
  accounts.destination = destination.toBase58();
  const steps = [];
  if (one.create === "create") steps.push(createAssociatedTokenAccountInstruction(signer, destination, to, mint, program));
  if (one.create === "idempotent")
    steps.push(createAssociatedTokenAccountIdempotentInstruction(signer, destination, to, mint, program));
  steps.push(one.checked
    ? createTransferCheckedInstruction(source, mint, destination, signer, amount, one.decimals, [], program)
    : createTransferInstruction(source, destination, signer, amount, [], program));
  return steps;
}

const declared = (one) => one.instructions.map((step) => new TransactionInstruction({
  programId: key(step.program_id),
  keys: step.accounts.map((entry) =>
    ({ pubkey: key(entry.pubkey), isSigner: entry.is_signer, isWritable: entry.is_writable })),
  data: Buffer.from(step.data, "base64"),
}));

function build(one) {
  const accounts = {}, steps = [], signer = key(one.signer);
  if (one.nonce) steps.push(SystemProgram.nonceAdvance({ noncePubkey: key(one.nonce), authorizedPubkey: signer }));
  if (one.price !== null) steps.push(ComputeBudgetProgram.setComputeUnitPrice({ microLamports: BigInt(one.price) }));
  if (one.limit !== null) steps.push(ComputeBudgetProgram.setComputeUnitLimit({ units: one.limit }));
  steps.push(...(one.instructions ? declared(one) : payment(one, accounts)));
  if (one.memo) {
    const keys = one.memoSigned ? [{ pubkey: signer, isSigner: true, isWritable: false }] : [];
    steps.push(new TransactionInstruction({ programId: MEMO, keys, data: Buffer.from(one.memo, "utf8") }));
  }
  let message;
  if (one.version === null) {
    const transaction = new Transaction({ feePayer: signer, recentBlockhash: one.blockhash }).add(...steps);
    message = transaction.serializeMessage();
  } else {
    const parts = { payerKey: signer, recentBlockhash: one.blockhash, instructions: steps };
    message = Buffer.from(new TransactionMessage(parts).compileToV0Message().serialize());
  }
  return { message: Buffer.from(message).toString("hex"), accounts };
}

function transferOf(instruction) {
  const program = instruction.programId;
  if (program.equals(SystemProgram.programId) && SystemInstruction.decodeInstructionType(instruction) === "Transfer") {
    const { toPubkey, lamports } = SystemInstruction.decodeTransfer(instruction);
    return { to: toPubkey.toBase58(), amount: lamports.toString() };
  }
  if (program.equals(TOKEN_PROGRAM_ID) || program.equals(TOKEN_2022_PROGRAM_ID)) {
    const { keys, data } = decodeInstruction(instruction, program);
    if (data.amount === undefined) return { other: data.instruction };
    return { to_account: keys.destination.pubkey.toBase58(), amount: data.amount.toString() };
  }
  return null;
}

function read(hex) {
  const bytes = Buffer.from(hex, "hex");
  try {
    const message = VersionedMessage.deserialize(bytes);
    const canonical = Buffer.from(message.serialize()).equals(bytes);
    const { instructions, payerKey } = TransactionMessage.decompile(message);
    const transfers = instructions.map(transferOf).filter((one) => one !== null);
    return { canonical, payer: payerKey.toBase58(), transfers };
  } catch (error) {
    return { refused: String(error.message ?? error) };
  }
}

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map((one) => (one.read === undefined ? build(one) : read(one.read)))));
