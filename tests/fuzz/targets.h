// The targets, one a file. Each takes any bytes, and ends; what must never be is said with require().
#pragma once

#include "sceau/base/bytes.h"

namespace sceau::fuzz {

// The host, in front of a card that answers what the input says.
void card(ByteView input);      // token::PivCard and token::PivSigner
void provider(ByteView input);  // the PKCS#11 module: open, list, log in, sign, close

// What strangers send to people, gates and auditors.
void agent(ByteView input);        // frames for `sceau agent`, and its answers
void browser(ByteView input);      // attestation objects, assertions, client data, headers
void json(ByteView input);         // canonical JSON, statements, enrolments, host copies
void evidence(ByteView input);     // evidence, and detached CMS through verification
void note(ByteView input);         // notes, checkpoints, proofs, leaves, tiles
void policy(ByteView input);       // the policy's file
void certificate(ByteView input);  // certificates, revocation lists, requests, attestations, DER
void sql(ByteView input);          // statements in SQL, planned for release
void wire(ByteView input);         // PostgreSQL's protocol, and questions to the system catalogue

// The token.
void apdu(ByteView input);       // APDU layer and PIV, by a grammar that logs in and knows TLV
void clearsign(ByteView input);  // clear-sign: statements loaded, shown and signed
void custodian(ByteView input);  // clear-sign: masters cloned, moved, derived from
void cbor(ByteView input);       // CBOR in CTAP's canonical form
void ctaphid(ByteView input);    // reports of CTAPHID from several hosts
void usb(ByteView input);        // control transfers, CCID messages, reports
void ctap(ByteView input);       // CTAP commands with a live PIN token
void store(ByteView input);      // the flash store, mounted on an image that the input describes

}  // namespace sceau::fuzz
