// The gate's TLS: version 1.3 alone, and a certificate that makes itself on the first run.
#pragma once

#include <string>

#include "sceau/gate/home.h"

struct ssl_ctx_st;
struct ssl_st;

namespace sceau::sceaud {

// Makes tls.key and tls.pem in the home when neither is there: P-256, self-signed, for localhost, 127.0.0.1,
// ::1, this machine's name and the address listened on. An operator replaces both files with her own. invalid
// when only one of the two is there; unavailable when they cannot be written.
Status ensure_tls_files(const gate::Home& home, const std::string& listen_host, Time now);

// Loads both into an OpenSSL context and restricts it to TLS 1.3. invalid when they do not fit together.
Status configure_tls(ssl_ctx_st* context, const gate::Home& home);

// Asks clients for a certificate, and takes whatever one they show, or none: the handshake only proves that
// they hold its key. Whether that says anything about a person is the registry's to answer, which knows the
// very certificate (gate::Gate::open_reading_session).
void ask_for_certificates(ssl_ctx_st* context);

// The certificate, DER, that the other end of a finished handshake has shown; empty when none.
Bytes shown_certificate(const ssl_st* connection);

}  // namespace sceau::sceaud
