// The libraries that Solana wallets use, as an oracle: builds the payments and instructions of stdin (a JSON
// list) and reads messages.
// One answer for each entry, in order: {message: hex, accounts: {source, destination}} or, for {read: hex, payer, owner,
// mint}, what web3.js and spl-token say about it, and the token accounts that payer and owner have; for {inspect: hex,
// declared}, its instructions, and the flags of its accounts beside those that the declared instructions give them.
import { readFileSync } from "node:fs";
import {
  ComputeBudgetInstruction, ComputeBudgetProgram, PublicKey, SystemInstruction, SystemProgram, Transaction,
  TransactionInstruction, TransactionMessage, VersionedMessage,
} from "@solana/web3.js";
import {
  ASSOCIATED_TOKEN_PROGRAM_ID, createAssociatedTokenAccountIdempotentInstruction, createAssociatedTokenAccountInstruction,
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

// What an instruction does, as the libraries decode it; they throw for what they do not know.
function effectOf(instruction) {
  const { programId: program, keys, data } = instruction;
  const named = (index) => keys[index].pubkey.toBase58();
  if (program.equals(SystemProgram.programId)) return systemEffect(instruction);
  if (program.equals(TOKEN_PROGRAM_ID) || program.equals(TOKEN_2022_PROGRAM_ID)) {
    const decoded = decodeInstruction(instruction, program), { source, destination, owner, mint } = decoded.keys;
    return {
      kind: "token", program: program.toBase58(), source: source.pubkey.toBase58(), to: destination.pubkey.toBase58(),
      by: owner.pubkey.toBase58(), mint: mint ? mint.pubkey.toBase58() : null, amount: decoded.data.amount.toString(),
      decimals: decoded.data.decimals ?? null, signers: decoded.keys.multiSigners.length,
    };
  }
  if (program.equals(ASSOCIATED_TOKEN_PROGRAM_ID)) {
    if (data.length > 1 || data[0] > 1) throw new Error("no creation");
    return { kind: "create", payer: named(0), account: named(1), owner: named(2), mint: named(3), program: named(5) };
  }
  if (program.equals(MEMO)) return { kind: "memo", text: data.toString("hex"), by: keys.map((_, index) => named(index)) };
  if (program.equals(ComputeBudgetProgram.programId))
    return { kind: ComputeBudgetInstruction.decodeInstructionType(instruction) };
  throw new Error("another program");
}

function systemEffect(instruction) {
  const type = SystemInstruction.decodeInstructionType(instruction);
  if (type === "Transfer") {
    const { fromPubkey, toPubkey, lamports } = SystemInstruction.decodeTransfer(instruction);
    return { kind: "coins", by: fromPubkey.toBase58(), to: toPubkey.toBase58(), amount: lamports.toString() };
  }
  const { authorizedPubkey } = SystemInstruction.decodeNonceAdvance(instruction);
  return { kind: "nonce", by: authorizedPubkey.toBase58() };
}

function read({ read: hex, payer, owner, mint }) {
  const bytes = Buffer.from(hex, "hex");
  try {
    const message = VersionedMessage.deserialize(bytes);
    const canonical = Buffer.from(message.serialize()).equals(bytes);
    const { instructions, payerKey } = TransactionMessage.decompile(message);
    const accounts = {};
    for (const program of mint ? [TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID] : [])
      accounts[program.toBase58()] = [payer, owner].map((one) => account(key(mint), key(one), program).toBase58());
    return { canonical, payer: payerKey.toBase58(), effects: instructions.map(effectOf), accounts };
  } catch (error) {
    return { refused: String(error.message ?? error) };
  }
}

const isBudget = (step) => step.programId.equals(ComputeBudgetProgram.programId);

// What an instruction is called that nobody has to declare, and who advances a nonce.
function undeclared(step) {
  try {
    if (isBudget(step)) return { kind: ComputeBudgetInstruction.decodeInstructionType(step) };
    const { noncePubkey, authorizedPubkey } = SystemInstruction.decodeNonceAdvance(step);
    // The decoder does not look at the sysvar in between.
    const { keys } = SystemProgram.nonceAdvance({ noncePubkey, authorizedPubkey });
    if (String(keys.map((one) => one.pubkey)) !== String(step.keys.map((one) => one.pubkey))) return { kind: null };
    return { kind: "nonce", nonce: noncePubkey.toBase58(), by: authorizedPubkey.toBase58() };
  } catch {
    return { kind: null };
  }
}

const flagsOf = (message, keys) =>
  Object.fromEntries(keys.map((one, at) => [one.toBase58(), [message.isAccountSigner(at), message.isAccountWritable(at)]]));

// With the nonce's instruction in front where the message has one instruction more than is declared.
function merged(parts, found, stated) {
  const rest = (steps) => steps.filter((step) => !isBudget(step));
  const { kind, nonce, by } = found.length ? undeclared(found[0]) : {};
  const isMore = kind === "nonce" && rest(found).length > rest(stated).length;
  const front = isMore ? [SystemProgram.nonceAdvance({ noncePubkey: key(nonce), authorizedPubkey: key(by) })] : [];
  const message = new TransactionMessage({ ...parts, instructions: [...front, ...stated] }).compileToV0Message();
  return flagsOf(message, message.staticAccountKeys);
}

function inspect(one) {
  const bytes = Buffer.from(one.inspect, "hex");
  try {
    const message = VersionedMessage.deserialize(bytes);
    const { instructions, ...parts } = TransactionMessage.decompile(message);
    return {
      canonical: Buffer.from(message.serialize()).equals(bytes),
      payer: parts.payerKey.toBase58(),
      signers: message.header.numRequiredSignatures,
      steps: instructions.map((step) => ({
        program: step.programId.toBase58(), accounts: step.keys.map((one) => one.pubkey.toBase58()),
        data: step.data.toString("hex"), ...undeclared(step),
      })),
      flags: flagsOf(message, message.staticAccountKeys ?? message.accountKeys),
      declared: merged(parts, instructions, declared({ instructions: one.declared })),
    };
  } catch (error) {
    return { refused: String(error.message ?? error) };
  }
}

function answer(one) {
  if (one.inspect !== undefined) return inspect(one);
  return one.read === undefined ? build(one) : read(one);
}

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(answer)));
