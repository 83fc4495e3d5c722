#include "sceau/token/uri.h"

#include <map>
#include <set>

namespace sceau::token {
namespace {

constexpr std::string_view kScheme = "pkcs11:";

Error wrong(const std::string& what) {
  return {ErrorKind::invalid, "reading a PKCS#11 URI: " + what + ": see RFC 7512"};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
    if (low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return out;
}

bool stands_for_itself(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-._~:[]@!$'()*+,=/").find(c) != std::string_view::npos;
}

std::string encode(std::string_view text, bool everything = false) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!everything && stands_for_itself(c)) {
      out += c;
    } else {
      out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return out;
}

using Attributes = std::map<std::string, std::string, std::less<>>;

Result<Attributes> read_attributes(std::string_view text, char separator) {
  Attributes found;
  while (!text.empty()) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return wrong("'" + std::string(part) + "' is not NAME=VALUE");
    auto value = decode(part.substr(equals + 1));
    if (!value) return wrong("'" + std::string(part) + "' has a % that two hexadecimal digits do not follow");
    const std::string name(part.substr(0, equals));
    if (!found.emplace(name, std::move(*value)).second) return wrong("'" + name + "' is there twice");
  }
  return found;
}

std::optional<std::string> take(Attributes& from, std::string_view name) {
  const auto found = from.find(name);
  if (found == from.end()) return std::nullopt;
  std::string value = std::move(found->second);
  from.erase(found);
  return value;
}

}  // namespace

bool is_token_uri(std::string_view text) { return text.starts_with(kScheme); }

Result<TokenUri> read_token_uri(std::string_view text) {
  if (!is_token_uri(text)) return wrong("it does not begin with pkcs11:");
  text.remove_prefix(kScheme.size());
  const auto question = text.find('?');
  auto path = read_attributes(text.substr(0, question), ';');
  if (!path) return path.error();
  auto query = read_attributes(
      question == std::string_view::npos ? std::string_view() : text.substr(question + 1), '&');
  if (!query) return query.error();
  TokenUri uri;
  uri.token = take(*path, "token");
  uri.serial = take(*path, "serial");
  uri.manufacturer = take(*path, "manufacturer");
  uri.model = take(*path, "model");
  uri.slot_description = take(*path, "slot-description");
  uri.object = take(*path, "object");
  if (const auto id = take(*path, "id")) uri.id = to_bytes(as_bytes(*id));
  take(*path, "type");  // what is meant is always the certificate and its key
  uri.module_path = take(*query, "module-path").value_or("");
  uri.module_name = take(*query, "module-name").value_or("");
  if (query->contains("pin-value") || query->contains("pin-source"))
    return wrong("a PIN does not belong into it: it is asked for");
  if (!path->empty()) return wrong("'" + path->begin()->first + "' is not known here");
  if (!query->empty()) return wrong("'" + query->begin()->first + "' is not known here");
  return uri;
}

std::string write_token_uri(const TokenUri& uri) {
  std::string path;
  const auto add = [&path](std::string_view name, const std::string& value) {
    path += (path.empty() ? "" : ";") + std::string(name) + "=" + value;
  };
  if (uri.token) add("token", encode(*uri.token));
  if (uri.manufacturer) add("manufacturer", encode(*uri.manufacturer));
  if (uri.model) add("model", encode(*uri.model));
  if (uri.serial) add("serial", encode(*uri.serial));
  if (uri.slot_description) add("slot-description", encode(*uri.slot_description));
  if (uri.object) add("object", encode(*uri.object));
  if (uri.id) add("id", encode(as_text(*uri.id), true));
  std::string query;
  if (!uri.module_path.empty()) query = "?module-path=" + encode(uri.module_path);
  if (!uri.module_name.empty())
    query += (query.empty() ? "?" : "&") + ("module-name=" + encode(uri.module_name));
  return std::string(kScheme) + path + query;
}

}  // namespace sceau::token
