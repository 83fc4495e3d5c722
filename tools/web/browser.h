// What the gate believes of a request that a browser sent.
//
// A session is a bearer that the page keeps in memory and sends itself: there is no cookie, so no other
// site's page can act in it. These checks are the second barrier, and the first for what takes no session (a
// log-in, a draft): a POST must come from this gate's own pages, as the browser itself says in headers that
// no script can set (Origin: RFC 6454; Sec-Fetch-Site: W3C Fetch Metadata), and must be JSON, which no HTML
// form can send. A program that is no browser sends neither header, and has nothing that another's page could
// borrow.
#pragma once

#include <span>
#include <string>

#include "sceau/base/result.h"

namespace sceau::web {

struct Browser {
  std::string origin;        // Origin
  std::string fetch_site;    // Sec-Fetch-Site
  std::string content_type;  // Content-Type
};

// `origins`: policy's, and where cards are asked for its own; "https://localhost:*" is any port. refused:
// another site's page asks, or one at an address that does not speak for this gate; invalid: the body is not
// called JSON.
Status check_post(const Browser& browser, std::span<const std::string> origins);

}  // namespace sceau::web
